/** Every page of the portal, found in its own files, so that a new one is tested from its first day. */
import { readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const APP = resolve(import.meta.dirname, "..", "..", "portal", "app");
/** Answered under the address that was asked for, while the board cannot be read; of its own it is not there. */
const OUTAGE_ONLY = "unavailable";

/** An address for each folder with a parameter in it; the rows that it names are the board's. */
type Samples = Readonly<Record<string, string>>;

/** Rows that the generic profile seeds. */
export const GENERIC_SAMPLES: Samples = {
  "tasks/[number]": "/tasks/35",
  "receipts/[number]": "/receipts/1",
  "releases/[repository]/[version]": "/releases/returns-api/0.1.0",
};

/** Pages in another dress, without rows, and the one for what is not there. */
export const VARIANT_ROUTES = [
  "/board?lanes=agent",
  "/board?agent=nobody",
  "/list?status=nothing",
  "/memory?q=port",
  "/tasks/999999",
  "/?kiosk=1",
] as const;

/** Folders of `portal/app` with a page, but for the one about an outage. */
export function pageFolders(): readonly string[] {
  return readdirSync(APP, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("page.tsx"))
    .map((file) => dirname(file))
    .filter((folder) => folder !== OUTAGE_ONLY)
    .toSorted();
}

/** One address for each page. @throws Error naming the page for which `samples` holds none */
export function pageRoutes(samples: Samples): readonly string[] {
  return pageFolders().map((folder) => {
    if (folder === ".") return "/";
    if (!folder.includes("[")) return `/${folder}`;
    const sample = samples[folder];
    if (sample === undefined) throw new Error(`${join("portal/app", folder)} has no address in the samples: add one.`);
    return sample;
  });
}

/** What a route must answer for the audit of it to mean anything. */
export const statusOf = (route: string): number => (route === "/tasks/999999" ? 404 : 200);
