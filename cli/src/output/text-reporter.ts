import { CLI_ERRORS } from "../errors/catalog.ts";
import { sayEstimate } from "../phases/estimate-step.ts";
import { formatDuration } from "./duration.ts";
import { findingLines } from "./finding-lines.ts";
import type { Glyphs } from "./glyphs.ts";
import type { Reporter } from "./reporter.ts";
import type { Streams } from "./streams.ts";

export interface TextReporterOptions {
  readonly streams: Streams;
  readonly glyphs: Glyphs;
  /** True on a TTY: the running step is redrawn in place. False: a plain line when a step ends. */
  readonly live: boolean;
  /** True when stdout is a TTY: a changing view is drawn in place. Default false. */
  readonly screenLive?: boolean;
  /** How a person is asked; left out: nobody can be. */
  readonly ask?: Reporter["ask"];
  /** Show the stack of an INTERNAL error. */
  readonly verbose: boolean;
}

const PHASE_WIDTH = 10;
const TITLE_WIDTH = 20;
/** Room that a running step's detail keeps beside its estimate. */
const DETAIL_WIDTH = 20;
const DEFAULT_COLUMNS = 100;
/** 10 frames a second look steady and cost nothing. */
const FRAME_MS = 100;

/** One line per fact; the evidence is on the line; times stand at the right; nothing moves once it is done. */
export function textReporter({
  streams,
  glyphs,
  live,
  verbose,
  ask,
  screenLive = false,
}: TextReporterOptions): Reporter {
  const { err, out } = streams;
  let shownPhase = "";
  let running: { phase: string; step: string; detail: string; startedAt: number; expected: string } | null = null;
  let timer: NodeJS.Timeout | null = null;
  let frame = 0;

  const write = (line: string): void => {
    clear();
    err.write(`${line}\n`);
  };
  const clear = (): void => {
    if (live && running !== null) err.write("\r\u001b[2K");
  };
  const label = (phase: string): string => (phase === shownPhase ? "" : phase).padEnd(PHASE_WIDTH);
  const compose = (phase: string, glyph: string, step: string, detail: string, ms: number, expected = ""): string => {
    const columns = Math.min(err.columns ?? DEFAULT_COLUMNS, 140);
    const head = `${label(phase)}${glyph} ${step.padEnd(TITLE_WIDTH)} `;
    const spent = formatDuration(ms);
    const long = `${spent}${expected}`;
    // On a narrow terminal what the step does now is worth more than how long it may take.
    const time = columns - head.length - long.length - 3 < DETAIL_WIDTH ? spent : long;
    const room = Math.max(columns - head.length - time.length - 3, 10);
    const body = live && detail.length > room ? `${detail.slice(0, room - 1)}${glyphs.ellipsis}` : detail;
    return `${head}${body.padEnd(room)}  ${time}`;
  };
  const draw = (): void => {
    if (running === null) return;
    const spinner = glyphs.spinner[frame++ % glyphs.spinner.length] ?? "";
    clear();
    const { phase, step, detail, startedAt, expected } = running;
    err.write(compose(phase, spinner, step, detail, performance.now() - startedAt, expected));
  };
  const settle = (): void => {
    clear();
    running = null;
    if (timer !== null) clearInterval(timer);
    timer = null;
  };

  return {
    headline: (line) => write(`${line}\n`),
    note: write,
    frame({ screen, news }) {
      if (!screenLive) for (const line of news) out.write(`${line}\n`);
      else out.write(`\u001b[H${screen.map((line) => `${line}\u001b[K\n`).join("")}\u001b[J`);
    },
    stepStarted(phase, step) {
      running = { phase, step, detail: "", startedAt: performance.now(), expected: "" };
      if (!live) return;
      timer = setInterval(draw, FRAME_MS);
      timer.unref();
      draw();
    },
    stepWorking(_phase, _step, estimate) {
      if (running !== null && estimate !== null) running.expected = ` (${sayEstimate(estimate)})`;
    },
    stepProgress(_phase, _step, detail) {
      if (running !== null) running.detail = detail;
    },
    stepEnded(phase, step, report, detail) {
      settle();
      const words = { done: detail, adopted: `adopted: ${detail}`, skipped: detail };
      err.write(
        `${compose(phase, report.status === "skipped" ? glyphs.none : glyphs.ok, step, words[report.status], report.ms).trimEnd()}\n`,
      );
      shownPhase = phase;
    },
    stepFailed(phase, step, error) {
      settle();
      err.write(
        `${label(phase)}${glyphs.bad} ${step.padEnd(TITLE_WIDTH)} ${CLI_ERRORS[error.code].title.toLowerCase()}\n`,
      );
      shownPhase = phase;
    },
    finding(result) {
      clear();
      for (const line of findingLines(result, glyphs)) out.write(`${line}\n`);
    },
    async ask(question, signal) {
      settle();
      return ask === undefined ? null : await ask(question, signal);
    },
    result(result) {
      settle();
      for (const line of result.lines) out.write(`${line}\n`);
    },
    error(error) {
      settle();
      err.write(`elk-os: ${error.message}\n`);
      for (const line of error.hint.split("\n")) err.write(`        ${line}\n`);
      err.write(`        ${error.code}, exit ${error.exit}\n`);
      if (verbose && error.cause instanceof Error) err.write(`${error.cause.stack ?? error.cause.message}\n`);
    },
  };
}
