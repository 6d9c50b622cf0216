import { expect, test } from "vitest";
import { renderLicences } from "./licences.ts";

test("a text stands once, below everybody who carries it", () => {
  const text = renderLicences([
    { name: "b 1.0.0", licence: "MIT", texts: ["MIT of many"] },
    { name: "a 2.0.0", licence: "MIT", texts: ["MIT of many", "A notice"] },
    { name: "a 2.0.0", licence: "MIT", texts: ["MIT of many", "A notice"] },
  ]);
  expect(text).toContain("2 packages, 2 licence texts");
  expect(text.match(/MIT of many/g)).toHaveLength(1);
  expect(text).toContain("a 2.0.0 (MIT)\nb 1.0.0 (MIT)\n\nMIT of many");
  expect(text).toContain("a 2.0.0 (MIT)\n\nA notice");
  expect(text).toMatch(/declares:\n\nnone\n$/);
});

test("a package without a text is named with what it declares, not left out", () => {
  const text = renderLicences([{ name: "c 1.0.0", licence: "BSD-3-Clause", texts: [] }]);
  expect(text).toContain("1 package, 0 licence texts");
  expect(text).toMatch(/declares:\n\nc 1\.0\.0 \(BSD-3-Clause\)\n$/);
});
