import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { emberOf } from "../view/ember.ts";
import { EmberPicture } from "./ember.tsx";

const now = new Date("2026-11-22T12:00:00Z");
const ember = emberOf(
  {
    ...{ task: 65, epoch: 3, agent: "a01", kind: "work", leaseSeconds: 900 },
    ...{ heartbeatAt: now, expiresAt: new Date(now.getTime() + 900_000) },
  },
  now,
);
const draw = (isLegend: boolean) => renderToStaticMarkup(createElement(EmberPicture, { ember, isLegend }));

test("an ember of the board carries what the page's clock counts with, and one of a legend nothing", () => {
  expect(draw(false)).toMatch(
    /class="ember is-fresh m"[^>]*data-lease="65:3"[^>]*data-since="\d+"[^>]*data-until="\d+"/,
  );
  expect(draw(true)).toContain('class="ember is-fresh m is-legend"');
  expect(draw(true)).not.toMatch(/data-(lease|since|until|length)=/);
});
