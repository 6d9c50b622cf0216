import { expect, it } from "vitest";
import { pageFile, pageKey } from "./page-key.ts";

it.each([
  ["/board?theme=paper&at=abc#done", "/board"],
  ["/?kiosk=1", "/"],
  ["/list?at=abc&page=2", "/list?page=2"],
  ["/board?phase=P0&at=abc", "/board?phase=P0"],
  ["https://other.example/", null],
  ["//other.example/", null],
  ["#main", null],
  ["/feed.xml", null],
  ["/list.csv?page=1", null],
  ["/api/stream", null],
])("%s is the page %s", (path, key) => {
  expect(pageKey(path)).toBe(key);
});

it.each([
  ["/", "index.html"],
  ["/tasks/65", "tasks/65/index.html"],
  ["/list?page=2", "list/page-2/index.html"],
  ["/events?before=512", "events/before-512/index.html"],
  ["/list?page=../../x", "list/page-..%2F..%2Fx/index.html"],
])("%s lies in %s", (key, file) => {
  expect(pageFile(key)).toBe(file);
});
