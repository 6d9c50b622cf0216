import type { DatabaseFacts } from "./manifest.ts";

/** What differs between what was saved and what was made of it, a line each; empty when nothing does. Pure. */
export function compareFacts(saved: DatabaseFacts, restored: DatabaseFacts): readonly string[] {
  const found = new Map(restored.tables.map((table) => [table.name, table]));
  const tables = saved.tables.flatMap((table) => {
    const other = found.get(table.name);
    if (other === undefined) return [`${table.name} is missing`];
    if (other.rows !== table.rows) return [`${table.name} has ${other.rows} rows, saved were ${table.rows}`];
    return other.content === table.content ? [] : [`${table.name} has other content in its ${table.rows} rows`];
  });
  const values = new Map(restored.sequences.map(({ name, lastValue }) => [name, lastValue]));
  const sequences = saved.sequences.flatMap(({ name, lastValue }) =>
    values.get(name) === lastValue
      ? []
      : [`${name} stands at ${values.get(name) ?? "nothing"}, saved was ${lastValue}`],
  );
  const savedLines = new Set(saved.catalog);
  const restoredLines = new Set(restored.catalog);
  const names = new Set(saved.tables.map(({ name }) => name));
  return [
    ...tables,
    ...restored.tables.filter(({ name }) => !names.has(name)).map(({ name }) => `${name} was not saved`),
    ...sequences,
    ...saved.catalog.filter((line) => !restoredLines.has(line)).map((line) => `missing: ${line}`),
    ...restored.catalog.filter((line) => !savedLines.has(line)).map((line) => `surplus: ${line}`),
  ];
}
