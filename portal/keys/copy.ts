/** Copies what the page is about: its `data-copy` text, such as a fix commit; else its address. */
export function copyFromPage(say: (words: string) => void): void {
  const marked = document.querySelector<HTMLElement>("[data-copy]")?.dataset["copy"];
  const text = marked ?? location.href;
  const what = marked === undefined ? "The address of this page" : text;
  copy(text).then(
    () => say(`${what} was copied.`),
    () => say("The browser did not allow copying."),
  );
}

async function copy(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Without HTTPS there is no clipboard; the old way needs a selection.
  const box = document.createElement("textarea");
  box.value = text;
  document.body.append(box);
  box.select();
  const isCopied = document.execCommand("copy");
  box.remove();
  if (!isCopied) throw new Error("Copying was refused.");
}
