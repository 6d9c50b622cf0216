/** What a suite needs: it is there, or why it is not. */
type Needed = { readonly kind: "ready" } | { readonly kind: "none"; readonly why: string };

/** The suite's title; where it cannot run, also why: a list of what was skipped has nothing but titles. */
export function titleOrWhy(title: string, needed: Needed): string {
  return needed.kind === "none" ? `${title} (${needed.why})` : title;
}
