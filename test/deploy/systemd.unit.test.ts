/** The units say what they must, and nothing that the CLI does not know. `systemd-analyze` reads them in tools.integration.test.ts. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../cli/src/commands/index.ts";
import { loadConfig } from "../../cli/src/config/load.ts";
import { configSchema } from "../../cli/src/config/schema.ts";
import { isForeignName, KEY_BY_ENVIRONMENT_NAME } from "../../cli/src/config/sources.ts";
import { EXIT } from "../../cli/src/errors/catalog.ts";
import { choresOf } from "../../cli/src/services/chores.ts";
import { SERVICES } from "../../cli/src/services/index.ts";
import { defaultStateDir } from "../../cli/src/state/state-dir.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { CHECKOUT, deployFile, INSTALLED_AT, parseUnit } from "./deploy-files.ts";

const NAMES = readdirSync(join(CHECKOUT, "deploy", "systemd"));
const SERVICE_UNITS = NAMES.filter((name) => name.endsWith(".service"));
const unit = (name: string) => parseUnit(deployFile("systemd", name));
const values = (name: string, section: string, key: string) => unit(name).get(section)?.get(key) ?? [];
const value = (name: string, key: string, section = "Service") => values(name, section, key).at(-1);
const words = (name: string, key: string, section?: string) => value(name, key, section)?.split(" ") ?? [];

/** What muster-idle.service runs, and the verbs in it as a unit would name them, without their options. */
const POWER_OFF = `${INSTALLED_AT}/deploy/box/power-off-when-idle.sh`;
const powerOffVerbs = () =>
  [...deployFile("box", "power-off-when-idle.sh").matchAll(/^"\$root\/bin\/elk-os" ([a-z ]+?)( --.*)?$/gm)].map(
    ([, verb]) => `${INSTALLED_AT}/bin/elk-os ${verb}`,
  );

const confinement = (name: string) =>
  [...(unit(name).get("Service") ?? [])].filter(([key]) =>
    /^(Protect|Private|Restrict(?!Prevent)|System|Cap|Lock|State|ReadWrite)/.test(key),
  );

/** What each unit of ours keeps to, whatever it runs. */
const HARDENED = {
  AmbientCapabilities: "",
  NoNewPrivileges: "yes",
  ProtectSystem: "strict",
  ProtectHome: "yes",
  PrivateTmp: "yes",
  PrivateDevices: "yes",
  ProtectClock: "yes",
  ProtectControlGroups: "yes",
  ProtectHostname: "yes",
  ProtectKernelLogs: "yes",
  ProtectKernelModules: "yes",
  ProtectKernelTunables: "yes",
  RestrictNamespaces: "yes",
  RestrictRealtime: "yes",
  RestrictSUIDSGID: "yes",
  LockPersonality: "yes",
  SystemCallArchitectures: "native",
  SystemCallFilter: "@system-service",
  SystemCallErrorNumber: "EPERM",
} as const;

describe("every unit", () => {
  test.each(SERVICE_UNITS)("%s is hardened", (name) => {
    const service = unit(name).get("Service");
    expect(Object.fromEntries(Object.keys(HARDENED).map((key) => [key, service?.get(key)?.at(-1)]))).toEqual(HARDENED);
  });

  test.each(SERVICE_UNITS)("%s may do no more than elk-os does", (name) => {
    const allowed = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "KILL", "SYS_PTRACE"];
    const held = words(name, "CapabilityBoundingSet").filter((word) => word !== "");
    expect(held).toEqual(name === "muster-repair.service" ? [] : allowed.map((word) => `CAP_${word}`));
    const paths = values(name, "Service", "ReadWritePaths");
    expect(paths).toEqual(name === "muster-repair.service" ? [] : [INSTALLED_AT]);
  });

  test.each(SERVICE_UNITS)("%s names only settings that exist, and none that is a secret", (name) => {
    for (const pair of words(name, "Environment")) {
      const [key = ""] = pair.split("=");
      expect(KEY_BY_ENVIRONMENT_NAME.has(key) || isForeignName(key) || key === "DOCKER_CONFIG", key).toBe(true);
      expect(key).not.toMatch(/TOKEN|KEY|PASSWORD|SECRET/);
    }
    for (const key of ["EnvironmentFile", "LoadCredential", "SetCredential", "PassEnvironment"])
      expect(values(name, "Service", key), key).toEqual([]);
  });

  test.each(SERVICE_UNITS)("%s runs verbs that exist", (name) => {
    const verbs = ["ExecStart", "ExecReload", "ExecStop"]
      .flatMap((key) => values(name, "Service", key))
      .flatMap((line) => (line.startsWith(POWER_OFF) ? powerOffVerbs() : [line]))
      .flatMap((line) => new RegExp(`^${INSTALLED_AT}/bin/elk-os (.+)$`).exec(line)?.[1] ?? []);
    if (name !== "muster-repair.service") expect(verbs.length).toBeGreaterThan(0);
    const known = COMMANDS.map((command) => command.name);
    expect(verbs.filter((verb) => !known.includes(verb))).toEqual([]);
  });
});

describe("muster.service", () => {
  const name = "muster.service";

  test("brings all up, leaves what runs alone on reload, and takes all down in order", () => {
    expect(["ExecStart", "ExecReload", "ExecStop"].map((key) => value(name, key))).toEqual(
      ["up", "up", "down"].map((verb) => `${INSTALLED_AT}/bin/elk-os ${verb}`),
    );
    expect([value(name, "Type"), value(name, "RemainAfterExit")]).toEqual(["oneshot", "yes"]);
  });

  test("keeps a stack with a red board, tries again what may pass, and not what cannot", () => {
    expect(value(name, "SuccessExitStatus")).toBe(String(EXIT.doctorRed));
    expect(value(name, "Restart")).toBe("on-failure");
    expect(words(name, "RestartPreventExitStatus").map(Number)).toEqual([EXIT.usage, EXIT.refused]);
    expect(value(name, "OOMPolicy")).toBe("continue");
    expect(Number(value(name, "StartLimitBurst", "Unit"))).toBeGreaterThan(1);
  });

  test("leaves every service the time that its definition gives it to stop", () => {
    const longest = SERVICES.flatMap(({ stop }) => stop).reduce((sum, { graceMs }) => sum + graceMs, 0);
    expect(value(name, "TimeoutStopSec")).toBe("3min");
    expect(longest).toBeLessThan(3 * 60_000);
  });

  test("writes where the CLI keeps its state as root, docker's own files too", () => {
    const state = defaultStateDir({ checkout: INSTALLED_AT, instance: "box", isRoot: true });
    expect(state).toBe(`/var/lib/${value(name, "StateDirectory")}/box`);
    expect(words(name, "Environment")).toContain(`DOCKER_CONFIG=/var/lib/${value(name, "StateDirectory")}/.docker`);
  });

  test("is there after the engine, and so down before it", () => {
    expect(words(name, "After", "Unit")).toContain("docker.service");
    expect(["Requires", "Wants", "BindsTo"].flatMap((key) => words(name, key, "Unit")).join()).not.toContain("docker");
  });
});

describe("the driver of a machine", () => {
  /** The settings that a unit's command would find in a checkout with that `.env`. */
  const settings = (name: string, dotenv: string) => {
    const checkout = temporaryFolder();
    writeFileSync(join(checkout, ".env"), dotenv);
    const environment = Object.fromEntries(words(name, "Environment").map((pair) => pair.split("=", 2)));
    return loadConfig({ checkout, environment, isRoot: true, flags: {} }).value;
  };
  const units = SERVICE_UNITS.filter((name) => name !== "muster-repair.service");

  test.each(units)("of %s is the one that .env names, as docs/tls.md asks for", (name) => {
    const dotenv = /```sh\n# \.env in the checkout\n([^`]+)```/.exec(
      readFileSync(join(CHECKOUT, "docs", "tls.md"), "utf8"),
    )?.[1];
    expect(settings(name, dotenv ?? "")).toMatchObject({ driver: "compose", tls: "staging", portalPublic: true });
  });

  test.each(units)("of %s is nobody's choice where .env names none", (name) => {
    expect(settings(name, "")).toMatchObject({ driver: "auto" });
  });
});

describe("a checkpoint beside containers", () => {
  const [timer, service] = ["muster-checkpoint.timer", "muster-checkpoint.service"] as const;

  test("is taken as often as the supervisor would, and only where somebody switched it on", () => {
    const { checkpointIntervalMinutes } = configSchema.parse({ stateDir: "/s", cacheDir: "/c", instance: "i" });
    expect(value(timer, "OnUnitActiveSec", "Timer")).toBe(`${checkpointIntervalMinutes / 60}h`);
    expect(value(timer, "OnActiveSec", "Timer")).toBe(`${checkpointIntervalMinutes / 60}h`);
    expect(value(timer, "WantedBy", "Install")).toBe("timers.target");
    expect(deployFile("box", "install.sh")).not.toContain("muster-checkpoint");
  });

  test("is the supervisor's own chore, and may take as long", () => {
    const [chore] = choresOf(configSchema.parse({ stateDir: "/s", cacheDir: "/c", instance: "i" }));
    expect(value(service, "ExecStart")).toBe(`${INSTALLED_AT}/bin/elk-os ${chore?.args.join(" ")}`);
    expect(value(service, "TimeoutStartSec")).toBe(`${(chore?.limitMs ?? 0) / 60_000}min`);
  });

  test("needs no rights that muster.service has not", () => {
    expect(confinement(service)).toEqual(confinement("muster.service"));
  });
});

describe("a machine that nobody uses", () => {
  const [timer, service] = ["muster-idle.timer", "muster-idle.service"] as const;

  test("is powered off by one script, and stays on whatever else that ends with; to be in use is no failure", () => {
    expect(values(service, "Service", "ExecStart")).toEqual([`${POWER_OFF} 30`]);
    expect(value(service, "SuccessExitStatus")).toBe(String(EXIT.pending));
    for (const key of ["SuccessAction", "FailureAction", "OnSuccess"])
      expect(values(service, "Unit", key), key).toEqual([]);
    for (const key of ["ExecCondition", "ExecStartPre", "ExecStartPost", "ExecStop", "ExecStopPost"])
      expect(values(service, "Service", key), key).toEqual([]);
  });

  test("is asked for quiet before the checkpoint, and for that before it goes off", () => {
    expect(powerOffVerbs()).toEqual(["idle", "events checkpoint"].map((verb) => `${INSTALLED_AT}/bin/elk-os ${verb}`));
    expect(deployFile("box", "power-off-when-idle.sh").trim().split("\n").at(-1)).toBe("systemctl poweroff");
  });

  test("is looked at only while Muster runs, after it ran for as long as it must be quiet, and only where somebody switched it on", () => {
    expect(value(timer, "PartOf", "Unit")).toBe("muster.service");
    expect(value(timer, "WantedBy", "Install")).toBe("muster.service");
    expect(value(timer, "OnActiveSec", "Timer")).toBe("30min");
    expect(deployFile("box", "install.sh")).not.toContain("muster-idle");
    expect(deployFile("cloud-init.yaml")).not.toContain("muster-idle");
  });

  test("needs no rights that muster.service has not", () => {
    expect(confinement(service)).toEqual(confinement("muster.service"));
  });
});

describe("somebody looks", () => {
  test("while Muster runs, and only then", () => {
    expect(value("muster-doctor.timer", "PartOf", "Unit")).toBe("muster.service");
    expect(value("muster-doctor.timer", "WantedBy", "Install")).toBe("muster.service");
    expect(value("muster-doctor.service", "OnFailure", "Unit")).toBe("muster-repair.service");
    expect(value("muster-repair.service", "ExecStart")).toBe("/usr/bin/systemctl reload muster.service");
  });

  test("and has the same rights as the one who starts it", () => {
    expect(confinement("muster-doctor.service")).toEqual(confinement("muster.service"));
  });
});

test("the user is the one that the CLI would make", () => {
  const [kind, user, , , home, shell] =
    deployFile("systemd", "muster.sysusers.conf")
      .trim()
      .split("\n")
      .at(-1)
      ?.match(/"[^"]*"|\S+/g) ?? [];
  const wanted = configSchema.parse({ stateDir: "/s", cacheDir: "/c", instance: "i" }).serviceUser;
  expect([kind, user, home, shell]).toEqual(["u", wanted, "/nonexistent", "/usr/sbin/nologin"]);
});
