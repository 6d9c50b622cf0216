/** Lighthouse's mobile preset on the pages that people open first. */

import lighthouse from "lighthouse";
import { chromium } from "playwright-core";
import { freePorts } from "../../test/support/ports.ts";
import type { BenchBoard } from "./board.ts";
import { notMeasured, type Row } from "./row.ts";

const PAGES = ["/", "/board", "/receipts/1", "/doctor"];
const FLOORS = { performance: 95, accessibility: 100, "best-practices": 100, seo: 100 } as const;

export async function measureLighthouse(board: BenchBoard): Promise<readonly Row[]> {
  const [port = 0] = await freePorts(1);
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", `--remote-debugging-port=${port}`],
  });
  try {
    const rows: Row[] = [];
    for (const path of PAGES) {
      const answer = await fetch(`${board.url}${path}`, { method: "HEAD" });
      if (answer.status !== 200) {
        rows.push(notMeasured(`Lighthouse mobile ${path}`, "95 / 100 / 100 / 100", `answers ${answer.status}`));
        continue;
      }
      const result = await lighthouse(`${board.url}${path}`, { port, output: "json", logLevel: "silent" });
      const scores = Object.entries(FLOORS).map(([name, floor]) => {
        const score = Math.round((result?.lhr.categories[name]?.score ?? 0) * 100);
        return { score, isMet: score >= floor };
      });
      const failed = Object.values(result?.lhr.audits ?? {}).filter(
        ({ score, scoreDisplayMode }) => score !== null && score < 0.9 && scoreDisplayMode !== "informative",
      );
      rows.push({
        metric: `Lighthouse mobile ${path}: performance, accessibility, best practice, SEO`,
        floor: "95 / 100 / 100 / 100",
        value: scores.map(({ score }) => score).join(" / "),
        unit: "",
        met: scores.every(({ isMet }) => isMet),
        note: failed
          .map(({ id }) => id)
          .slice(0, 8)
          .join(", "),
      });
    }
    return rows;
  } finally {
    await browser.close();
  }
}
