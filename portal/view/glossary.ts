/** The words of the board. One thing has one word, in command line, code, database and here. */
export const GLOSSARY: readonly { readonly word: string; readonly says: string }[] = [
  { word: "task", says: "One row of the board; the unit of work. What people and agents share, instead of a chat." },
  { word: "agent", says: "Whoever claims tasks: a model that runs in a session, of one family." },
  { word: "steward", says: "A person who accepts, unblocks and cancels tasks." },
  { word: "claim", says: "An agent's hold on a task. One at a time, kept for ever once it has ended." },
  { word: "lease", says: "How long a claim lasts without another heartbeat." },
  { word: "epoch", says: "Counts the claims of a task. A takeover is a new epoch." },
  { word: "fence", says: "The epoch that a writer says it holds. An old one is refused." },
  { word: "version", says: "Counts the accepted changes of a row." },
  { word: "verification", says: "A verdict by somebody else, with evidence. Never by the author." },
  { word: "receipt", says: "The chain from a fault to its fix, each link hashed." },
  { word: "phase", says: "A step of the trail. It is verified when all its tasks are." },
  { word: "discarded", says: "Work of which nothing was used: given up, made twice, overtaken, or run out of time." },
  { word: "check", says: "What doctor looks at. A green has an age and a time to live." },
  { word: "incarnation", says: "Counts restores of the database. A cursor from before a restore is refused." },
];
