import { Entry } from "../entry.tsx";

/** Text that an agent wrote: shown as it is, never as markup. Nothing at all when there is none. */
export function TextEntry({ title, text }: { readonly title: string; readonly text: string | null }) {
  if (text === null || text.trim() === "") return null;
  return (
    <Entry title={title}>
      <p className="prose">{text}</p>
    </Entry>
  );
}
