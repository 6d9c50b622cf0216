/** The list's filters, order and page, as its address says them. */
import { type Query, readCount, readText, readWord, withQuery } from "./query.ts";

export const LIST_FACETS = [
  "status",
  "project",
  "phase",
  "class",
  "priority",
  "risk",
  "agent",
  "family",
  "label",
] as const;
export type ListFacet = (typeof LIST_FACETS)[number];

/** `number`: newest task first. `changed`: last changed first. `priority`: most urgent first. */
export const LIST_ORDERS = ["number", "changed", "priority"] as const;
export type ListOrder = (typeof LIST_ORDERS)[number];

export interface ListFilter {
  readonly facets: Readonly<Record<ListFacet, string | null>>;
  /** Words in title or description; null: any. */
  readonly text: string | null;
  readonly order: ListOrder;
  /** From 1. */
  readonly page: number;
}

export const LIST_PAGE = 100;
const MAX_PAGE = 100_000;
const MAX_TEXT = 120;

export function parseListFilter(query: Query): ListFilter {
  const facet = (name: ListFacet) => readText(query, name);
  return {
    facets: {
      status: facet("status"),
      project: facet("project"),
      phase: facet("phase"),
      class: facet("class"),
      priority: facet("priority"),
      risk: facet("risk"),
      agent: facet("agent"),
      family: facet("family"),
      label: facet("label"),
    },
    text: readText(query, "q", MAX_TEXT),
    order: readWord(query, "order", LIST_ORDERS, "number"),
    page: readCount(query, "page", MAX_PAGE) ?? 1,
  };
}

/** Address of a list; `path` is "/list", or an export of the same rows. */
export function listPath({ facets, text, order, page }: ListFilter, path = "/list"): string {
  return withQuery(path, {
    ...facets,
    q: text,
    order: order === "number" ? null : order,
    page: page === 1 ? null : page,
  });
}

/** With one facet changed, back on the first page. */
export function withFacet(filter: ListFilter, facet: ListFacet, value: string | null): ListFilter {
  return { ...filter, facets: { ...filter.facets, [facet]: value }, page: 1 };
}

/** The filters in force, as a reader would name them: `status ready`. */
export function namedFilters({ facets, text }: ListFilter): readonly string[] {
  const chosen = LIST_FACETS.flatMap((facet) => (facets[facet] === null ? [] : [`${facet} ${facets[facet]}`]));
  return text === null ? chosen : [...chosen, `words “${text}”`];
}
