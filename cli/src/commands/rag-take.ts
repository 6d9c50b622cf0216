import { setTimeout as sleep } from "node:timers/promises";
import { EXIT } from "../errors/catalog.ts";
import type { RefusedWrite } from "../memory/waiting-writes.ts";
import { forgetRefused, type TakenWrites, takeWrites } from "../rag-client/take-writes.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Command } from "./command.ts";

const POLL_MS = 1_000;

export const ragTake: Command = {
  name: "rag take",
  summary: "Write into memory/ and log/ what search accepted where it may not write there itself",
  help: `Search answers 202 "waits" where its user may not write the checkout: under root, and in containers. This writes what waits, as
\`elk-os memory new\` and \`elk-os log append\` do, and tells search what became of it. Run again after a kill, nothing is written twice. Exit 3 when a
write was refused, now or before: its text is kept and named until --forget.

  elk-os rag take
  elk-os rag take --follow        stay, and look each second; Ctrl-C ends it
  elk-os rag take --forget        drop the refused ones once they were shown`,
  options: [
    { flags: "--follow", description: "stay and take in what comes" },
    { flags: "--forget", description: "drop refused writes after showing them" },
  ],
  async run({ options, loaded, reporter, signal }) {
    const take = async () =>
      withStack(loaded, async (stack) => {
        const found = await takeWrites(stack, signal);
        if (options["forget"] === true) await forgetRefused(stack, found.refused, signal);
        return found;
      });
    for (let sum = 0; options["follow"] === true; ) {
      const { taken, refused } = await take();
      sum += taken.length;
      const news = taken.map(describeTaken);
      reporter.frame({ screen: [`${sum} taken in, ${refused.length} refused`, ...news], news });
      await sleep(POLL_MS, undefined, { signal });
    }
    const { taken, refused } = await take();
    return {
      exit: refused.length === 0 ? EXIT.ok : EXIT.doctorRed,
      data: { ok: refused.length === 0, changed: taken.length, taken, refused },
      lines: [
        ...taken.map(describeTaken),
        ...refused.map(describeRefused),
        `${taken.length} taken in, ${refused.length} refused`,
      ],
    };
  },
};

function describeTaken({ path, id }: TakenWrites["taken"][number]): string {
  return `taken     ${path}  ${id}`;
}

function describeRefused({ id, at, write, refused: { code, message } }: RefusedWrite): string {
  return `refused   ${id} of ${at}, ${write.path ?? "log"} "${write.title ?? ""}": ${code}: ${message}`;
}
