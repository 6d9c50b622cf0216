/** Notices that what doctor saw looks different now, though no event of the board says so. */
import { readReportFile } from "../data/doctor-report.ts";
import { nextExpiry } from "../view/doctor.ts";

export class ReportWatch {
  #stamp: string | null | undefined;
  /** When the next green expires, ms since 1970. */
  #dueAt = Number.POSITIVE_INFINITY;

  /**
   * True when doctor left another report since the last look, or a green of it expired. The first look says false.
   * @param now the board's clock, by which pages are dated
   */
  async look(now: Date): Promise<boolean> {
    const file = await readReportFile();
    const stamp = file?.stamp ?? null;
    const isOther = this.#stamp !== undefined && this.#stamp !== stamp;
    const isDue = now.getTime() >= this.#dueAt;
    this.#stamp = stamp;
    this.#dueAt = file === null ? Number.POSITIVE_INFINITY : nextExpiry(file.report.checks, now);
    return isOther || isDue;
  }
}
