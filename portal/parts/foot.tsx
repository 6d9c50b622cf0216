import type { PageContext } from "../page-context.ts";
import { FootNav } from "./nav.tsx";

/** The same at the end of every page: what this site cannot do, every view, and which build answers. */
export function Foot({ context }: { readonly context: PageContext }) {
  const { profile, settings } = context;
  const facts = [`build ${settings.build.slice(0, 7)}`, `profile ${profile.name}`];
  if (settings.driver !== null) facts.push(`driver ${settings.driver}`);
  return (
    <>
      <p>Read only. No write route exists on this site.</p>
      <FootNav context={context} />
      <p>
        <a href={context.to("/help#keys")}>Legend and keys</a> <kbd>?</kbd>
      </p>
      <p className="m">{facts.join(" · ")}</p>
    </>
  );
}
