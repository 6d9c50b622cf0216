import { expect, it } from "vitest";
import { PLACES } from "../portal/view/places.ts";
import { GENERIC_SAMPLES, pageFolders, pageRoutes, VARIANT_ROUTES } from "./support/portal-routes.ts";

it("every page of the portal has an address that tests open, and no address is of a page that is gone", () => {
  const routes = pageRoutes(GENERIC_SAMPLES);
  expect(routes.length).toBe(pageFolders().length);
  expect(new Set(routes).size).toBe(routes.length);
  expect(Object.keys(GENERIC_SAMPLES).filter((folder) => !pageFolders().includes(folder))).toEqual([]);
  expect(PLACES.map(({ path }) => path).filter((path) => !routes.includes(path))).toEqual([]);
});

it("a page with a parameter and no sample is an error that names it", () => {
  expect(() => pageRoutes({})).toThrow("portal/app/receipts/[number] has no address");
});

it("a variant is of a page that exists", () => {
  const folders = pageFolders().map((folder) => `/${folder === "." ? "" : folder.split("/")[0]}`);
  expect(VARIANT_ROUTES.filter((route) => !folders.includes(`/${route.slice(1).split(/[/?]/)[0]}`))).toEqual([]);
});
