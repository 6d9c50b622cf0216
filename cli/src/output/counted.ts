/** "1 setting", "2 settings", "0 copies": a count and its noun, which agree. `plural` where an s does not make it. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
