import { randomBytes } from "node:crypto";
import {
  deriveServiceKey,
  IDENTITY_PATH,
  type IdentityAnswer,
  type IdentityService,
  verifyIdentity,
} from "@muster/board/identity";
import type { Verdict } from "../checks/check.ts";

export interface IdentityQuestion {
  readonly port: number;
  readonly service: IdentityService;
  /** 32 bytes: the instance key, which only elk-os holds. */
  readonly instanceKey: Buffer;
  /** Instance uuid that must answer. */
  readonly instance: string;
  /** Left out: any release passes. */
  readonly version?: string;
  readonly build?: string;
  readonly signal: AbortSignal;
}

export interface IdentityProbe {
  readonly verdict: Verdict;
  /** What was seen, for people: "answered 200 {"status":"ok"}, signed nothing". Never a nonce or a MAC. */
  readonly evidence: string;
  /** Slugs that a degraded service names, "schema_absent". */
  readonly reasons: readonly string[];
  /** HTTP status of an answer that is no identity at all; null when there was none, or one that claims to be an identity. */
  readonly unsigned: number | null;
  /** Null unless the answer was signed by this service of this instance. */
  readonly answer: IdentityAnswer | null;
}

/** A stranger may stream for ever; what it says first is enough for the evidence. */
const EXCERPT_BYTES = 4096;
const EXCERPT_CHARACTERS = 80;
/** A service under load on two cores has answered within 1.2 s; 4 s keeps the whole check under its own limit. */
const ANSWER_TIMEOUT_MS = 4_000;
/** 24 bytes: above the protocol's 16, and a fresh one for each question. */
const NONCE_BYTES = 24;

/** Asks who answers on a loopback port. Never throws for what the other side does; aborts with the signal's reason. */
export async function probeIdentity(question: IdentityQuestion): Promise<IdentityProbe> {
  const nonce = randomBytes(NONCE_BYTES).toString("base64url");
  const url = `http://127.0.0.1:${question.port}${IDENTITY_PATH}?nonce=${nonce}`;
  let status: number;
  let text: string;
  try {
    const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.any([question.signal, timeout]) });
    status = response.status;
    text = await readStart(response);
  } catch (error) {
    question.signal.throwIfAborted();
    const evidence = `no answer: ${describe(error)}`;
    return { verdict: "UNREACHABLE", evidence, reasons: [], unsigned: null, answer: null };
  }
  const { instance, service, instanceKey, version, build } = question;
  const found = verifyIdentity(deriveServiceKey(instanceKey, service), parse(text), {
    nonce,
    instance,
    service,
    ...(version === undefined ? {} : { version }),
    ...(build === undefined ? {} : { build }),
  });
  if (found.answer === null) {
    const excerpt = text.replace(/\s+/g, " ").slice(0, EXCERPT_CHARACTERS);
    return {
      verdict: "IMPOSTOR",
      evidence: `answered ${status} ${excerpt}, signed nothing`,
      reasons: [],
      unsigned: status,
      answer: null,
    };
  }
  const isOurs = found.verdict !== "IMPOSTOR" && found.verdict !== "WRONG_INSTANCE";
  return {
    verdict: found.verdict,
    evidence: found.reasons.length === 0 ? "nonce signed" : found.reasons.join(" "),
    reasons: found.verdict === "DEGRADED" ? found.reasons : [],
    unsigned: null,
    answer: isOurs ? found.answer : null,
  };
}

async function readStart(response: Response): Promise<string> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= EXCERPT_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8").slice(0, EXCERPT_BYTES);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever is no JSON is no identity either.
    return null;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error && "code" in error.cause ? String(error.cause.code) : null;
  return cause ?? error.message;
}
