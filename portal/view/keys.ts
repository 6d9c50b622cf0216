/** Keys of the portal, for the sheet and for the script: one table, so that no shortcut is listed and dead. */

export interface KeyBinding {
  /** As it is pressed: one key, or two after another. */
  readonly keys: readonly string[];
  readonly says: string;
}

export const KEYS: readonly KeyBinding[] = [
  { keys: ["?"], says: "This sheet" },
  { keys: ["/"], says: "Find: every view, and tasks and receipts by number" },
  { keys: ["Ctrl", "K"], says: "The same, also while writing" },
  { keys: ["j"], says: "Next row" },
  { keys: ["k"], says: "Previous row" },
  { keys: ["h"], says: "Column to the left, on the board" },
  { keys: ["l"], says: "Column to the right" },
  { keys: ["Enter"], says: "Open the row" },
  { keys: ["f"], says: "Filters" },
  { keys: ["."], says: "Next problem: cold, blocked, failed or red" },
  { keys: ["c"], says: "Copy: the fix commit of a receipt, else the address of this page" },
  { keys: ["p"], says: "Pause, and go on" },
  { keys: ["["], says: "Replay: ten minutes ago; in a replay, the event before" },
  { keys: ["]"], says: "In a replay, the event after" },
  { keys: ["Esc"], says: "Close, and return" },
];
