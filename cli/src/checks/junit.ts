import type { CheckResult } from "./check.ts";

/** The board as JUnit XML, for CI systems that draw it. Warnings count as failures only under --strict. */
export function toJunit(results: readonly CheckResult[], strict: boolean): string {
  const isFailure = (result: CheckResult) => result.status === "fail" || (strict && result.status === "warn");
  const cases = results.map((result) => {
    const open = `  <testcase classname="doctor" name="${escapeXml(`${result.id} ${result.title}`)}" time="${(result.ms / 1000).toFixed(3)}"`;
    if (result.status === "error") return `${open}><error message="${escapeXml(result.evidence)}"/></testcase>`;
    if (isFailure(result)) return `${open}><failure message="${escapeXml(result.evidence)}"/></testcase>`;
    if (result.status === "skip") return `${open}><skipped message="${escapeXml(result.evidence)}"/></testcase>`;
    return `${open}/>`;
  });
  const failures = results.filter(isFailure).length;
  const errors = results.filter((result) => result.status === "error").length;
  const skipped = results.filter((result) => result.status === "skip").length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="muster doctor" tests="${results.length}" failures="${failures}" errors="${errors}" skipped="${skipped}">`,
    ...cases,
    "</testsuite>",
    "",
  ].join("\n");
}

/** Evidence may quote a stranger's bytes; XML 1.0 forbids control characters even when escaped. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\u{fffd}")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
