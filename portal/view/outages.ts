/** What a reader is told while the board cannot be read: the fact, and the next step. */
import type { BoardProblem } from "../data/board-health.ts";

export interface Outage {
  readonly fact: string;
  readonly detail: string;
  /** A command for the operator. */
  readonly command: string;
}

export const OUTAGES: Readonly<Record<BoardProblem, Outage>> = {
  database_unconfigured: {
    fact: "This portal does not know its database.",
    detail: "It was started without a database or without its password file. The phase machine passes both.",
    command: "bin/elk-os up",
  },
  database_unreachable: {
    fact: "The database does not answer.",
    detail: "Nothing can be shown, because every page is read from the board itself. No row is lost by this.",
    command: "bin/elk-os doctor",
  },
  database_refused: {
    fact: "The database refuses the portal's login.",
    detail: "The server answers, but the role or its password is not what the portal was given.",
    command: "bin/elk-os up --only up",
  },
  database_slow: {
    fact: "The database takes too long.",
    detail: "It answers, but a reading of this page passed its time limit: it is busy, or waits for a lock.",
    command: "bin/elk-os status",
  },
  schema_absent: {
    fact: "The board has no schema yet.",
    detail: "The database answers and is empty. The next phase lays the board down.",
    command: "bin/elk-os migrate",
  },
  schema_unreadable: {
    fact: "The board's views are not the ones this portal reads.",
    detail: "A view or a column is missing: the schema and this portal are of different versions.",
    command: "bin/elk-os migrate",
  },
  right_missing: {
    fact: "The portal may not read a part of the board.",
    detail: "Its database role lacks a right that the schema gives it. The log of the portal names the view.",
    command: "bin/elk-os logs portal",
  },
  instance_unrecorded: {
    fact: "The board is not finished.",
    detail: "Its schema is there, but the instance is not recorded in it yet.",
    command: "bin/elk-os migrate",
  },
  instance_mismatch: {
    fact: "This database belongs to another instance.",
    detail: "The portal shows nothing rather than somebody else's board.",
    command: "bin/elk-os doctor",
  },
  board_unreadable: {
    fact: "The board cannot be read.",
    detail: "The database answered with an error that the portal does not know.",
    command: "bin/elk-os doctor",
  },
};
