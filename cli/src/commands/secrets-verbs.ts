import { statSync } from "node:fs";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { consumersOf } from "../secrets/consumers.ts";
import { fingerprint } from "../secrets/fingerprint.ts";
import { measureOutage } from "../secrets/outage.ts";
import { rotateSecret, settleProposal } from "../secrets/rotate-secret.ts";
import type { Standing } from "../secrets/standing.ts";
import { getSecretName, purposeOf, secretNames, useOf } from "../secrets/uses.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Stack } from "../stack/stack.ts";
import { withLock } from "../state/lock.ts";
import type { SecretName } from "../state/secrets.ts";
import { tokenNames } from "../wiring/token-names.ts";
import { bringUp } from "./bring-up.ts";
import type { Command, Invocation } from "./command.ts";

interface SecretLine extends Standing {
  readonly name: SecretName;
  readonly fingerprint: string;
}

const secretsList: Command = {
  name: "secrets list",
  summary: "List the secrets: what for, who reads them, since when; fingerprints only",
  help: "A fingerprint tells whether two values are the same one. It is no part of the value and cannot be turned back into it.",
  run: ({ loaded }) =>
    withStack(loaded, async (stack) => {
      stack.instance();
      const secrets = secretNames(stack.secrets).map((name) => ({
        name,
        purpose: purposeOf(name),
        fingerprint: fingerprint(name, stack.secrets.read(name)),
        changedAt: statSync(stack.secrets.path(name)).mtime.toISOString(),
        restarts: consumersOf(name),
      }));
      return {
        exit: EXIT.ok,
        data: { ok: true, secrets },
        lines: secrets.map(
          ({ name, fingerprint: print, changedAt, purpose, restarts }) =>
            `${name.padEnd(28)} ${print}  ${changedAt}  ${purpose}${restarts.length === 0 ? "" : `; read by ${restarts.join(", ")}`}`,
        ),
      };
    }),
};

const secretsCheck: Command = {
  name: "secrets check",
  summary: "Ask of each secret whether the file holds what is in force; exit 3 when one does not",
  help: `A file that was changed by hand after \`init\` opens nothing any more. With --fix the file's value becomes the one in force: a database
role or a token gets it, the superuser through single-user mode, and the services that read it start again.

  elk-os secrets check
  elk-os secrets check --fix`,
  options: [{ flags: "--fix", description: "make the files' values the ones in force" }],
  async run(invocation) {
    const isFixing = invocation.options["fix"] === true;
    const before = await withStack(invocation.loaded, (stack) =>
      isFixing
        ? withLock({ path: stack.paths.lock, command: "secrets check" }, () => putFilesInForce(stack, invocation))
        : lookAtAll(stack, invocation.signal),
    );
    const stale = before.filter(({ verdict }) => verdict === "changed").map(({ name }) => name);
    if (isFixing && stale.length > 0) await bringUp(invocation, ["up"]);
    const lines = isFixing
      ? await withStack(invocation.loaded, (stack) => lookAtAll(stack, invocation.signal))
      : before;
    const wrong = lines.filter(({ verdict }) => verdict === "changed");
    const unasked = lines.filter(({ verdict }) => verdict === "unknown");
    return {
      exit: wrong.length > 0 ? EXIT.doctorRed : unasked.length > 0 ? EXIT.unreachable : EXIT.ok,
      data: {
        ok: wrong.length + unasked.length === 0,
        secrets: lines,
        ...(isFixing ? { changed: stale.length, fixed: stale } : {}),
      },
      lines: [
        ...lines.map(({ name, verdict, evidence }) => `${name.padEnd(28)} ${verdict.padEnd(8)} ${evidence}`),
        ...(isFixing ? [`${stale.length} put in force`] : []),
        ...(wrong.length === 0 ? [] : ["Next      elk-os secrets check --fix"]),
      ],
    };
  },
};

const secretsRotate: Command = {
  name: "secrets rotate",
  summary: "Replace one secret by a new one on the running stack",
  help: `The new value is put in force first and the services that read it start again, one after the other; nothing else stops. The answer names
for how many seconds each of them did not serve. What holds a copy of the old value must be given the new one: agents' environments, Studio
sessions (directus_secret ends them all). Killed at any moment, \`elk-os secrets check --fix\` ends what was begun.

  elk-os secrets rotate rag_key
  elk-os secrets rotate agent-a01`,
  arguments: [{ name: "<name>", description: "from `elk-os secrets list`" }],
  run: (invocation) =>
    withStack(invocation.loaded, async (stack) => {
      const { args, signal } = invocation;
      stack.instance();
      const name = getSecretName(stack.secrets, args[0] ?? "");
      const old = fingerprint(name, stack.secrets.read(name));
      const consumers = consumersOf(name);
      const { seconds } = await measureOutage(stack, consumers, async () => {
        await withLock({ path: stack.paths.lock, command: "secrets rotate" }, () => rotateSecret(stack, name, signal));
        if (consumers.length > 0) await bringUp(invocation, ["up"]);
      });
      const standing = await useOf(name).look(stack, stack.secrets.read(name), signal);
      if (standing.verdict !== "live") {
        throw new CliError("SECRET_CHANGED", {
          message: `secrets/${name} was replaced and is not in force: ${standing.evidence}.`,
          hint: "elk-os secrets check --fix",
        });
      }
      const now = fingerprint(name, stack.secrets.read(name));
      return {
        exit: EXIT.ok,
        data: {
          ok: true,
          changed: 1,
          name,
          fingerprint: now,
          previousFingerprint: old,
          restarted: consumers,
          downtimeSeconds: seconds,
        },
        lines: [
          `${name}  ${old} → ${now}  ${standing.evidence}`,
          ...Object.entries(seconds).map(([service, lost]) => `${service} did not serve for ${lost} s`),
          ...afterwards(stack, name),
        ],
      };
    }),
};

async function lookAtAll(stack: Stack, signal: AbortSignal): Promise<readonly SecretLine[]> {
  stack.instance();
  const lines: SecretLine[] = [];
  for (const name of secretNames(stack.secrets)) {
    const value = stack.secrets.read(name);
    const standing = await useOf(name).look(stack, value, signal);
    lines.push({ name, fingerprint: fingerprint(name, value), ...standing });
  }
  return lines;
}

/** One after the other, because the later ones are set through the earlier ones. Answers what was found before. */
async function putFilesInForce(stack: Stack, { reporter, signal }: Invocation): Promise<readonly SecretLine[]> {
  stack.instance();
  const found: SecretLine[] = [];
  for (const name of secretNames(stack.secrets)) {
    await settleProposal(stack, name, signal);
    const { look, put } = useOf(name);
    const value = stack.secrets.read(name);
    const standing = await look(stack, value, signal);
    found.push({ name, fingerprint: fingerprint(name, value), ...standing });
    if (standing.verdict !== "changed") continue;
    reporter.note(`${name}: ${standing.evidence}`);
    if (name === "postgres_superuser_password") {
      await stack.driver.resetSuperuser((line) => reporter.note(line), signal);
    } else await put?.(stack, value, signal);
  }
  return found;
}

/** Who must be told, and how. */
function afterwards(stack: Stack, name: SecretName): readonly string[] {
  const file = stack.secrets.path(name);
  if (name.startsWith("agent-")) {
    const { variable } = tokenNames(name.slice("agent-".length));
    return [`the old token is refused from now on: export ${variable}="$(cat ${file})"`];
  }
  if (name === "rag_key") return [`agents read the key from their environment: export ELK_OS_RAG_KEY="$(cat ${file})"`];
  return [];
}

export const SECRET_VERBS: readonly Command[] = [secretsList, secretsCheck, secretsRotate];
