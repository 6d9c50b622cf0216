import { expect, it } from "vitest";
import { isWithinView } from "./travel.ts";

const at = (address: string) => new URL(address, "http://portal.test");
const leads = (from: string, to: string) => isWithinView(at(from), at(to));

it("stays in the page for another filter, page or range of the same view", () => {
  expect(leads("/board", "/board?priority=P1")).toBe(true);
  expect(leads("/list?q=rudder", "/list?q=rudder&page=2")).toBe(true);
  expect(leads("/timeline?range=24h", "/timeline")).toBe(true);
});

it("leaves everything else to the browser", () => {
  expect(leads("/board", "/list")).toBe(false);
  expect(leads("/board", "http://elsewhere.test/board?priority=P1")).toBe(false);
  expect(leads("/board", "/board")).toBe(false);
  expect(leads("/board", "/board?priority=P1#done")).toBe(false);
});

it("never mixes the present with the past, nor one dress with another", () => {
  expect(leads("/board", "/board?at=2026-11-22T19:41:00Z")).toBe(false);
  expect(leads("/board?at=2026-11-22T19:41:00Z&priority=P1", "/board?at=2026-11-22T19:41:00Z")).toBe(false);
  expect(leads("/board", "/board?theme=dark")).toBe(false);
  expect(leads("/board?theme=dark", "/board?theme=dark&priority=P1")).toBe(true);
  expect(leads("/board", "/board?kiosk=")).toBe(false);
});
