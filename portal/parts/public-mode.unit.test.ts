import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, it, vi } from "vitest";
import type { DoctorReport } from "../data/doctor-report.ts";
import { DoctorEntry } from "./now/doctor-line.tsx";
import { Roster } from "./roster.tsx";
import { CostEntry } from "./task/cost.tsx";

const NOW = new Date("2026-11-22T19:41:00Z");
const to = (path: string) => path;

const agent = {
  ...{ name: "a01", title: null, model_family: "claude", model: null, status: "active", capabilities: [], max_wip: 1 },
  ...{ last_seen_at: null, live_leases: 0, tasks_submitted: 1, tasks_accepted: 1, tasks_reworked: 0, verdicts: 0 },
  ...{ cost_usd: null, leases: [] },
};

const report: DoctorReport = {
  schema: "muster.doctor-report/1",
  at: NOW,
  took_ms: 1_000,
  checks: [
    {
      ...{ id: "SEC-03", title: "No secret stands in a log", status: "fail", severity: "error", evidence: "" },
      ...{ verdict: null, expected: null, actual: null, fix: null, at: NOW, ttl_s: 60 },
    } as DoctorReport["checks"][number],
  ],
};

afterEach(() => {
  vi.unstubAllEnvs();
});

it("names tokens of an agent only where they were read", () => {
  const markup = (tokens: number | null) =>
    renderToStaticMarkup(
      createElement(Roster, { agents: [{ ...agent, tokens_in: tokens, tokens_out: tokens }], now: NOW, to }),
    );
  expect(markup(71_093)).toContain("tokens");
  expect(markup(null)).not.toContain("tokens");
});

it("tells strangers how many checks are red, and not which", () => {
  const markup = () => renderToStaticMarkup(createElement(DoctorEntry, { report, now: NOW, to }));
  expect(markup()).toContain("SEC-03");
  vi.stubEnv("ELK_OS_PORTAL_PUBLIC", "true");
  expect(markup()).toContain("1 red");
  expect(markup()).not.toMatch(/SEC-03|No secret/);
});

it("shows strangers no cost of a task", () => {
  vi.stubEnv("ELK_OS_PORTAL_PUBLIC", "true");
  const claim = {
    ...{ epoch: 1, attempt: 0, kind: "work" as const, agent: "a01", model_family: null, claimed_at: NOW },
  };
  const claims = [
    { ...claim, ended_at: NOW, ended_by: "submitted", outcome: null, tokens_in: 1, tokens_out: 1, cost_usd: 1 },
  ];
  expect(renderToStaticMarkup(createElement(CostEntry, { claims }))).toBe("");
});
