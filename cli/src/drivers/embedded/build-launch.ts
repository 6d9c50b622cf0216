import type { Config } from "../../config/schema.ts";
import type { Identity } from "../../host/run.ts";
import type { ServiceContext, ServiceDef } from "../../services/service-def.ts";
import type { SecretStore } from "../../state/secrets.ts";
import { digestFiles } from "./service-files.ts";
import { digestOf } from "./staging/tree-hash.ts";
import type { LaunchSpec } from "./supervisor/launch-spec.ts";
import type { RestartPolicy } from "./supervisor/restart-budget.ts";

/** A service gets no part of the operator's environment: only this and what its definition names. */
export function baseEnvironment(context: ServiceContext): Readonly<Record<string, string>> {
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: context.places.scratch,
    TMPDIR: context.places.scratch,
    LANG: "C.UTF-8",
    TZ: "UTC",
  };
}

/** How often the supervisor starts it again when it ends. */
function restartsOf({ restartBudget, restartWindowSeconds }: Config): RestartPolicy {
  return { budget: restartBudget, windowMs: restartWindowSeconds * 1000 };
}

/** Digest of everything the running service depends on: argv, environment, files (by content), staged entries (by path), and how it is watched. */
export function inputHashOf(service: ServiceDef, context: ServiceContext, secrets: SecretStore): string {
  return digestOf([
    JSON.stringify([service.argv(context), service.cwd(context), service.environment(context), service.stop]),
    context.config.serviceUser,
    JSON.stringify(restartsOf(context.config)),
    digestFiles(service.files, context, secrets),
  ]);
}

export function buildLaunch(input: {
  readonly service: ServiceDef;
  readonly context: ServiceContext;
  readonly secrets: SecretStore;
  readonly owner: Identity | null;
  readonly logFile: string;
}): LaunchSpec {
  const { service, context, secrets, owner, logFile } = input;
  const [file, ...rest] = service.argv(context);
  return {
    service: service.id,
    argv: [file, ...rest],
    cwd: service.cwd(context),
    environment: { ...baseEnvironment(context), ...service.environment(context) },
    runAs: owner,
    logFile,
    port: context.config[service.portKey],
    inputHash: inputHashOf(service, context, secrets),
    stop: [...service.stop],
    restarts: restartsOf(context.config),
  };
}
