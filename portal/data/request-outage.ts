import { cache } from "react";
import type { BoardProblem } from "./board-health.ts";

/** Why the page that is being rendered shows its last reading; null while it shows the present. One object per request. */
export const requestOutage = cache((): { problem: BoardProblem | null } => ({ problem: null }));
