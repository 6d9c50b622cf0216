export interface Row {
  readonly metric: string;
  readonly floor: string;
  readonly measured: unknown;
  /** null: not measured here, or reported without a floor. */
  readonly holds: boolean | null;
}

export type AddRow = (metric: string, floor: string, measured: unknown, holds: boolean | null) => void;
