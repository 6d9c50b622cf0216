/** An agent and its model family, as the board names them. */
export function Who({ name, family }: { readonly name: string | null; readonly family: string | null }) {
  return (
    <>
      {name ?? "a person"}
      {family !== null && <i> {family}</i>}
    </>
  );
}
