import { expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import { openUrls } from "./open-urls.ts";

const urlsOf = (settings: object) =>
  openUrls(configSchema.parse({ stateDir: "/state", cacheDir: "/cache", instance: "demo", ...settings }));
const named = { domain: "board.example.org" };

test("without TLS both are opened on loopback, whatever the domain", () => {
  expect(urlsOf({ ...named, portalPort: 3001 })).toEqual({
    portal: "http://127.0.0.1:3001",
    directus: "http://127.0.0.1:8055",
  });
});

test("with TLS both are opened by name, with a port only where it is not the usual one", () => {
  expect(urlsOf({ ...named, tls: "acme" })).toEqual({
    portal: "https://board.example.org",
    directus: "https://studio.board.example.org",
  });
  expect(urlsOf({ ...named, tls: "internal", httpsPort: 8443 }).portal).toBe("https://board.example.org:8443");
  expect(urlsOf({ ...named, tls: "behind-proxy", httpsPort: 8443 }).portal).toBe("https://board.example.org");
});
