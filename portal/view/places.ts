/** Every view of the portal in one table: masthead, tabs, foot, command menu, keyboard and help are made from it. */

export type NavKey = "now" | "board" | "timeline" | "receipts" | "agents" | "costs" | "doctor";

export interface Place {
  readonly key: string;
  readonly path: string;
  readonly word: string;
  /** Pressed after `g`. */
  readonly letter: string;
  /** The item of the masthead that this view belongs to; a view with its own key stands there itself. */
  readonly nav: NavKey;
  /** Shown unless the profile turns this feature off. */
  readonly feature?: string;
  /** What it answers, for help and for the command menu. */
  readonly says: string;
}

export const PLACES = [
  { key: "now", path: "/", word: "Now", letter: "n", nav: "now", says: "Who works on what, and what waits." },
  { key: "board", path: "/board", word: "Board", letter: "b", nav: "board", says: "Tasks by state, with lanes." },
  {
    key: "list",
    path: "/list",
    word: "List",
    letter: "l",
    nav: "board",
    says: "Every task as a row, filtered and exported.",
  },
  {
    key: "graph",
    path: "/graph",
    word: "Graph",
    letter: "h",
    nav: "board",
    says: "What waits for what, the longest chain, what unblocks most.",
  },
  {
    key: "timeline",
    path: "/timeline",
    word: "Timeline",
    letter: "t",
    nav: "timeline",
    feature: "timeline",
    says: "A lane per agent: claims, retries, silence.",
  },
  {
    key: "events",
    path: "/events",
    word: "Events",
    letter: "e",
    nav: "timeline",
    says: "Every accepted change, in order.",
  },
  {
    key: "receipts",
    path: "/receipts",
    word: "Receipts",
    letter: "r",
    nav: "receipts",
    feature: "receipts",
    says: "From a symptom to its fix, in six steps.",
  },
  {
    key: "phases",
    path: "/phases",
    word: "Phases",
    letter: "p",
    nav: "receipts",
    says: "The trail that is built, and how fast.",
  },
  {
    key: "releases",
    path: "/releases",
    word: "Releases",
    letter: "v",
    nav: "receipts",
    feature: "releases",
    says: "What shipped, from which commit.",
  },
  {
    key: "agents",
    path: "/agents",
    word: "Agents",
    letter: "a",
    nav: "agents",
    says: "Who may claim, and what became of it.",
  },
  {
    key: "claims",
    path: "/claims",
    word: "Claims",
    letter: "k",
    nav: "agents",
    says: "Leases held now, and how the others ended.",
  },
  {
    key: "costs",
    path: "/costs",
    word: "Costs",
    letter: "c",
    nav: "costs",
    feature: "costs",
    says: "Hosting, build and running cost; what was thrown away.",
  },
  {
    key: "doctor",
    path: "/doctor",
    word: "Doctor",
    letter: "d",
    nav: "doctor",
    says: "Which checks are green, red, or too old to count.",
  },
  {
    key: "memory",
    path: "/memory",
    word: "Memory",
    letter: "m",
    nav: "doctor",
    says: "Search lessons and log, with citations.",
  },
  { key: "help", path: "/help", word: "Help", letter: "?", nav: "doctor", says: "Legend, keys, glossary, addresses." },
] as const satisfies readonly Place[];

/** Views that share one item of the masthead, in order; shown as tabs when there are two or more. */
export const siblings = (nav: NavKey): readonly Place[] => PLACES.filter((candidate) => candidate.nav === nav);
