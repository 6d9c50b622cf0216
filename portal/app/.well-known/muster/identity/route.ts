/** Who answers on this port: signed with the portal's own key over the caller's nonce. Works before the schema exists. */
import { readFileSync } from "node:fs";
import { answerIdentity, type IdentityConfig, parseServiceKey } from "@muster/board/identity";
import { findBoardProblem } from "../../../../data/board-health.ts";
import { identitySettings } from "../../../../env.ts";

export const dynamic = "force-dynamic";

const BOOT_ID = "/proc/sys/kernel/random/boot_id";
const started = new Date(Date.now() - Math.round(process.uptime() * 1000)).toISOString();
let remembered: IdentityConfig | undefined;

export async function GET(request: Request): Promise<Response> {
  const problem = await findBoardProblem();
  const health =
    problem === null ? ({ state: "OK", reasons: [] } as const) : ({ state: "DEGRADED", reasons: [problem] } as const);
  const { status, body } = answerIdentity(identity(), new URL(request.url).searchParams.get("nonce"), health);
  return Response.json(body, { status, headers: { "Cache-Control": "no-store" } });
}

/** Read once: it belongs to the process. Throws when the environment or the key file is missing, and tries again next time. */
function identity(): IdentityConfig {
  remembered ??= readIdentity();
  return remembered;
}

function readIdentity(): IdentityConfig {
  const { instance, keyFile, version, build } = identitySettings();
  return {
    key: parseServiceKey(readFileSync(keyFile, "utf8")),
    instance,
    service: "portal",
    version,
    build,
    arch: process.arch,
    boot: readBootId(),
    started,
  };
}

function readBootId(): string {
  try {
    return readFileSync(BOOT_ID, "utf8").trim();
  } catch {
    return "";
  }
}
