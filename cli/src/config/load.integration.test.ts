import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { CliError } from "../errors/cli-error.ts";
import { type LoadInput, loadConfig } from "./load.ts";
import { SIZES } from "./sizes.ts";

interface Files {
  readonly dotenv?: string;
  readonly recorded?: unknown;
}

/** A checkout with an .env and a state folder with a config.json, as far as given. */
function checkoutWith({ dotenv, recorded }: Files = {}): string {
  const checkout = temporaryFolder();
  if (dotenv !== undefined) writeFileSync(join(checkout, ".env"), dotenv);
  if (recorded !== undefined) {
    mkdirSync(join(checkout, ".elk-os"));
    const text = typeof recorded === "string" ? recorded : JSON.stringify(recorded);
    writeFileSync(join(checkout, ".elk-os", "config.json"), text);
  }
  return checkout;
}

function load(files: Files, input: Omit<LoadInput, "checkout"> = {}) {
  return loadConfig({ environment: {}, isRoot: false, ...input, checkout: checkoutWith(files) });
}

function refusal(files: Files, input: Omit<LoadInput, "checkout"> = {}): CliError {
  try {
    load(files, input);
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error("The settings were accepted.");
}

test("takes each setting from the strongest source that names it, and says which", () => {
  const recorded = {
    ELK_OS_RAG_PORT: "9101",
    ELK_OS_PORTAL_PORT: "3001",
    ELK_OS_DIRECTUS_PORT: "8001",
    ELK_OS_PROFILE: "a",
  };
  const { value, provenance } = load(
    { recorded, dotenv: "ELK_OS_PORTAL_PORT=3002\nELK_OS_DIRECTUS_PORT=8002\nexport ELK_OS_PROFILE=b\n" },
    { environment: { ELK_OS_DIRECTUS_PORT: "8003", ELK_OS_PROFILE: "c", PATH: "/bin" }, flags: { profile: "d" } },
  );
  expect([value.postgresPort, provenance.postgresPort]).toEqual([15432, "default"]);
  expect([value.ragPort, provenance.ragPort]).toEqual([9101, "recorded in config.json"]);
  expect([value.portalPort, provenance.portalPort]).toEqual([3002, ".env line 1"]);
  expect([value.directusPort, provenance.directusPort]).toEqual([8003, "environment"]);
  expect([value.profile, provenance.profile]).toEqual(["d", "flag --profile"]);
});

test("hands on what was set explicitly, so that init can record it, but never the places", () => {
  const { explicit } = load(
    { recorded: { ELK_OS_RAG_PORT: "9101" } },
    { environment: { ELK_OS_INSTANCE: "here", ELK_OS_CACHE_DIR: "/tmp/cache" }, flags: { profile: "analogelk" } },
  );
  expect(explicit).toEqual({ ELK_OS_RAG_PORT: "9101", ELK_OS_PROFILE: "analogelk" });
});

test("lets an empty value unset a key, so that its default holds again", () => {
  const { value, provenance, explicit, checkout } = load(
    { recorded: { ELK_OS_RAG_PORT: "9101" }, dotenv: "ELK_OS_STATE_DIR=\n" },
    { environment: { ELK_OS_RAG_PORT: "", ELK_OS_CACHE_DIR: "" } },
  );
  expect([value.ragPort, provenance.ragPort]).toEqual([9100, "default"]);
  expect(value.stateDir).toBe(join(checkout, ".elk-os"));
  expect(value.cacheDir).toBe(join(checkout, ".elk-os", "cache"));
  expect(explicit).toEqual({});
});

describe("a size", () => {
  test("chooses what nobody set, says so, and is recorded without what it chose", () => {
    const { value, provenance, explicit } = load(
      { dotenv: "ELK_OS_LIMIT_RAG_MB=300\n" },
      { environment: { ELK_OS_SIZE: "tiny", ELK_OS_MEMORY_BUDGET_MB: "" } },
    );
    expect(value).toMatchObject({ ...SIZES.tiny, limitRagMb: 300 });
    expect([provenance.memoryBudgetMb, provenance.limitRagMb]).toEqual(["size tiny", ".env line 1"]);
    expect(explicit).toEqual({ ELK_OS_SIZE: "tiny", ELK_OS_LIMIT_RAG_MB: "300" });
  });

  test("that was recorded counts less than what the environment sets, and default is the schema's own", () => {
    const recorded = { ELK_OS_SIZE: "tiny" };
    expect(load({ recorded }).value.memoryBudgetMb).toBe(SIZES.tiny.memoryBudgetMb);
    expect(load({ recorded }, { environment: { ELK_OS_MEMORY_BUDGET_MB: "700" } }).value.memoryBudgetMb).toBe(700);
    const usual = load({}).value;
    expect(load({ recorded }, { environment: { ELK_OS_SIZE: "default" } }).value).toMatchObject({
      memoryBudgetMb: usual.memoryBudgetMb,
      postgresSharedBuffersMb: usual.postgresSharedBuffersMb,
    });
  });

  test("that nobody knows is refused by its name", () => {
    for (const size of ["huge", "constructor"])
      expect(refusal({}, { environment: { ELK_OS_SIZE: size } })).toMatchObject({
        code: "CONFIG_VALUE_INVALID",
        facts: { key: "ELK_OS_SIZE", source: "environment" },
      });
  });
});

describe("an unknown key", () => {
  test("is refused with its line in .env and the key that was meant", () => {
    const error = refusal({ dotenv: "# ports\n\nELK_OS_RAG_PROT=9100\n" });
    expect(error).toMatchObject({ code: "CONFIG_KEY_UNKNOWN", exit: 2 });
    expect(error.message).toBe("config key ELK_OS_RAG_PROT is unknown (from .env line 3)");
    expect(error.hint).toBe("did you mean ELK_OS_RAG_PORT? every key: elk-os config");
    expect(error.facts).toEqual({ key: "ELK_OS_RAG_PROT", source: ".env line 3", suggestion: "ELK_OS_RAG_PORT" });
  });

  test("is refused from the environment, without a guess when nothing is near", () => {
    const error = refusal({}, { environment: { ELK_OS_WEATHER_FORECAST: "" } });
    expect(error.message).toBe("config key ELK_OS_WEATHER_FORECAST is unknown (from environment)");
    expect(error.hint).toBe("every key: elk-os config");
  });

  test("is none of ours without our prefix, nor when the launcher or a wired client reads it", () => {
    const environment = { RAG_PORT: "x", ELK_OS_NODE: "/usr/bin/node", ELK_OS_TOKEN_A01: "t", ELK_OS_QUIET: "1" };
    expect(load({ dotenv: "OTHER=1\nELK_OS_DEV=1\n" }, { environment }).explicit).toEqual({});
  });
});

describe("a bad value", () => {
  test.each([
    ["ELK_OS_RAG_PORT", "99999", "Loopback port of the search service."],
    ["ELK_OS_RAG_PORT", "9100x", "Loopback port of the search service."],
    ["ELK_OS_RAG_PORT", "0", "Loopback port of the search service."],
    ["ELK_OS_DRIVER", "docker", "How services run"],
    ["ELK_OS_PROFILE", "../etc", "Profile folder"],
    ["ELK_OS_INSTANCE", "Not A Name", "Name of this instance"],
    ["ELK_OS_ADMIN_EMAIL", "nobody", "Login of the Directus administrator."],
    ["ELK_OS_MEMORY_BUDGET_MB", "1.5", "RAM plus swap"],
  ])("of %s (%s) is refused by key, source and meaning", (name, value, meaning) => {
    const error = refusal({}, { environment: { [name]: value } });
    expect(error).toMatchObject({ code: "CONFIG_VALUE_INVALID", exit: 2, facts: { key: name, source: "environment" } });
    expect(error.message).toMatch(new RegExp(`^${name} is ".+" \\(from environment\\): .+\\.$`));
    expect(error.message).toContain(value);
    expect(error.hint).toContain(meaning);
  });

  test("names the flag or the line that it came from", () => {
    expect(refusal({}, { flags: { profile: "No" } }).message).toContain("(from flag --profile)");
    expect(refusal({ dotenv: "\nELK_OS_RAG_PORT=x\n" }).message).toContain("(from .env line 2)");
  });

  test("in the record is named as recorded, and a flag overrides it", () => {
    const recorded = { ELK_OS_PROFILE: "No" };
    expect(refusal({ recorded }).message).toContain("(from recorded in config.json)");
    expect(load({ recorded }, { flags: { profile: "generic" } }).value.profile).toBe("generic");
  });
});

describe("the record in the state folder", () => {
  test.each(["{ torn", "[]", "null", '{"ELK_OS_RAG_PORT":9101}'])("reads as empty when it is %s", (recorded) => {
    expect(load({ recorded }).value.ragPort).toBe(9100);
  });

  test("is read from the state folder that the stronger sources name", () => {
    const elsewhere = temporaryFolder();
    writeFileSync(join(elsewhere, "config.json"), '{"ELK_OS_RAG_PORT":"9199"}');
    const { value } = load({ recorded: { ELK_OS_RAG_PORT: "9101" } }, { flags: { stateDir: elsewhere } });
    expect([value.stateDir, value.ragPort]).toEqual([elsewhere, 9199]);
  });
});

describe("places", () => {
  test("are .elk-os in the checkout for a plain user and /var/lib for root", () => {
    const { value, checkout } = load({});
    expect(value).toMatchObject({ stateDir: join(checkout, ".elk-os"), cacheDir: join(checkout, ".elk-os", "cache") });
    const root = load({}, { isRoot: true, environment: { ELK_OS_INSTANCE: "blue" } }).value;
    expect(root).toMatchObject({ stateDir: "/var/lib/elk-os/blue", cacheDir: "/var/lib/elk-os/blue/cache" });
  });

  test("that are relative mean relative to the checkout, from any working directory", () => {
    const { value, checkout } = load({ dotenv: "ELK_OS_STATE_DIR=state/a\nELK_OS_CACHE_DIR=../cache\n" });
    expect(value.stateDir).toBe(join(checkout, "state/a"));
    expect(value.cacheDir).toBe(join(checkout, "../cache"));
  });

  test("name one instance for a checkout, however it is reached", () => {
    const checkout = temporaryFolder();
    const link = join(temporaryFolder(), "link");
    symlinkSync(checkout, link);
    const direct = loadConfig({ environment: {}, isRoot: true, checkout });
    expect(loadConfig({ environment: {}, isRoot: true, checkout: link })).toEqual(direct);
  });

  test.each(["/", ".", "..", "./"])("refuse %s as state folder, because it holds the checkout", (stateDir) => {
    const error = refusal({}, { flags: { stateDir } });
    expect(error).toMatchObject({ code: "CONFIG_VALUE_INVALID", exit: 2, facts: { source: "flag --state-dir" } });
    expect(error.message).toContain("which holds this checkout");
  });

  test("may lie beside the checkout, even with a name that begins with it", () => {
    const checkout = temporaryFolder();
    const stateDir = `${checkout}-state`;
    expect(loadConfig({ environment: {}, isRoot: false, checkout, flags: { stateDir } }).value.stateDir).toBe(stateDir);
  });
});

describe("values that do not hold together", () => {
  const TLS = { ELK_OS_DRIVER: "compose", ELK_OS_TLS: "acme" };

  test.each([
    ["", TLS, 'ELK_OS_TLS is "acme" (from environment): it needs a name, and ELK_OS_DOMAIN is unset.'],
    [
      "ELK_OS_PORTAL_PUBLIC=true\nELK_OS_DOMAIN=10-0-0-1.nip.io\n",
      TLS,
      'ELK_OS_DOMAIN is "10-0-0-1.nip.io" (from .env line 2): everybody shares the names of nip.io, and with them its limit at the authority.',
    ],
    [
      "ELK_OS_DOMAIN=board.example.org\n",
      TLS,
      'ELK_OS_PORTAL_PUBLIC is "false" (from default): with ELK_OS_TLS=acme everybody who reaches the name reads the portal, so it must be said what he may see.',
    ],
  ])("are refused by key, source and reason (%j)", (dotenv, environment, message) => {
    const error = refusal({ dotenv }, { environment });
    expect(error).toMatchObject({ code: "CONFIG_VALUE_INVALID", exit: 2, message });
    expect(error.facts["key"]).toBe(message.split(" ")[0]);
    expect(error.hint).toMatch(/^(Set|Take) .+\.$/);
  });

  test("are taken once they do, and wait where TLS is off", () => {
    const dotenv = "ELK_OS_DOMAIN=board.example.org\nELK_OS_PORTAL_PUBLIC=false\n";
    expect(load({ dotenv }, { environment: TLS }).value).toMatchObject({ tls: "acme", domain: "board.example.org" });
    expect(load({ dotenv: "ELK_OS_DOMAIN=10-0-0-1.nip.io\n" }).value.tls).toBe("off");
  });
});
