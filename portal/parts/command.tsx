/** A command to type, alone on its line so that it can be selected whole. */
export function Command({ text }: { readonly text: string }) {
  return (
    <p className="cmd">
      <code>{text}</code>
    </p>
  );
}
