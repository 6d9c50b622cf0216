/**
 * Who answers on this port? A service proves itself by a MAC over a nonce that the asker just made, so that another program on
 * the same port, or a recorded answer, cannot pass. A MAC can still be relayed: the caller binds it to a process or container.
 */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** Where every Muster service answers. */
export const IDENTITY_PATH = "/.well-known/muster/identity";
export const IDENTITY_SERVICES = ["directus", "rag", "portal"] as const;
export type IdentityService = (typeof IDENTITY_SERVICES)[number];

const PROTOCOL = "muster-id/1";
const KEY_BYTES = 32;
const NONCE_BYTES = { min: 16, max: 64 } as const;
/** Reasons are joined by a comma inside the MAC, so they may hold none. */
const REASON = /^[a-z0-9_.:-]+$/;

export interface IdentityConfig {
  /** This service's own key, 32 bytes, made by deriveServiceKey. */
  readonly key: Buffer;
  /** Instance uuid. */
  readonly instance: string;
  readonly service: IdentityService;
  /** Package version, "0.1.0". */
  readonly version: string;
  /** Git sha, or "dev". */
  readonly build: string;
  /** process.arch */
  readonly arch: string;
  /** Text of /proc/sys/kernel/random/boot_id, trimmed; "" where the system has none. */
  readonly boot: string;
  /** ISO instant at which the process started. */
  readonly started: string;
}

export interface IdentityHealth {
  readonly state: "OK" | "DEGRADED";
  /** Lower-case slugs such as "schema_absent"; empty when state is OK. */
  readonly reasons: readonly string[];
}

export interface IdentityAnswer extends IdentityHealth {
  readonly instance: string;
  readonly service: string;
  readonly version: string;
  readonly build: string;
  readonly arch: string;
  readonly boot: string;
  readonly started: string;
  readonly nonce: string;
  /** Hex HMAC-SHA256 over every other field. */
  readonly mac: string;
}

export interface NonceRefusal {
  readonly error: { readonly code: "MUSTER_NONCE_INVALID"; readonly message: string };
}

export type IdentityReply =
  | { readonly status: 200; readonly body: IdentityAnswer }
  | { readonly status: 400; readonly body: NonceRefusal };

export type IdentityVerdict = "OK" | "DEGRADED" | "IMPOSTOR" | "WRONG_INSTANCE" | "STALE_VERSION";

export interface IdentityExpectation {
  readonly nonce: string;
  readonly instance: string;
  readonly service: IdentityService;
  /** Left out: any version passes. */
  readonly version?: string;
  /** Left out: any build passes. */
  readonly build?: string;
}

export interface IdentityFinding {
  readonly verdict: IdentityVerdict;
  /** One sentence or slug per reason; empty only for OK. */
  readonly reasons: readonly string[];
  /** The parsed answer; null when it was no identity answer at all. Trust it only when the verdict is not IMPOSTOR or WRONG_INSTANCE. */
  readonly answer: IdentityAnswer | null;
}

/** One service's key, derived by HKDF-SHA256: a service that leaks its key exposes no other service. */
export function deriveServiceKey(instanceKey: Buffer, service: IdentityService): Buffer {
  return Buffer.from(hkdfSync("sha256", instanceKey, "", `${PROTOCOL}/${service}`, KEY_BYTES));
}

/** Reads the text of a key file (64 hex digits, surrounding white space allowed). Throws an Error without the key in its text. */
export function parseServiceKey(text: string): Buffer {
  const hex = text.trim();
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new Error(`An identity key is ${KEY_BYTES} bytes written as 64 hex digits.`);
  return Buffer.from(hex, "hex");
}

/** The nonce when it is base64url (no padding) of 16 to 64 bytes, else null. */
export function parseNonce(value: unknown): string | null {
  if (typeof value !== "string" || !/^[A-Za-z0-9_-]+$/.test(value)) return null;
  const bytes = Buffer.from(value, "base64url");
  const isCanonical = bytes.toString("base64url") === value;
  return isCanonical && bytes.length >= NONCE_BYTES.min && bytes.length <= NONCE_BYTES.max ? value : null;
}

/**
 * The whole answer to `GET /.well-known/muster/identity?nonce=…`: send `body` as JSON with `status`.
 * Compute `health` anew for every request. Pass the query parameter as it came; anything but a good nonce gets the 400.
 */
export function answerIdentity(config: IdentityConfig, nonce: unknown, health: IdentityHealth): IdentityReply {
  const accepted = parseNonce(nonce);
  if (accepted === null) {
    const message = `Send ?nonce= with base64url of ${NONCE_BYTES.min} to ${NONCE_BYTES.max} random bytes.`;
    return { status: 400, body: { error: { code: "MUSTER_NONCE_INVALID", message } } };
  }
  const { key, ...facts } = config;
  const unsigned = { ...facts, state: health.state, reasons: [...health.reasons], nonce: accepted };
  if (!isCanonical(unsigned)) throw new Error("An identity field holds a line break, or a reason is no slug.");
  return { status: 200, body: { ...unsigned, mac: macOf(key, unsigned).toString("hex") } };
}

/**
 * Judges what a port answered. Never throws for a bad answer.
 * WRONG_INSTANCE is what the answer says of itself: no key of ours can prove it.
 */
export function verifyIdentity(serviceKey: Buffer, answer: unknown, expected: IdentityExpectation): IdentityFinding {
  const parsed = parseIdentityAnswer(answer);
  if (parsed === null) return { verdict: "IMPOSTOR", reasons: ["The answer is not a Muster identity."], answer: null };
  const judge = (verdict: IdentityVerdict, ...reasons: readonly string[]) => ({ verdict, reasons, answer: parsed });
  if (parsed.instance !== expected.instance) {
    return judge("WRONG_INSTANCE", `It says it belongs to instance ${parsed.instance}, not ${expected.instance}.`);
  }
  if (parsed.nonce !== expected.nonce) return judge("IMPOSTOR", "It answered another nonce: a recorded answer.");
  if (!isMacValid(serviceKey, parsed)) return judge("IMPOSTOR", "Its signature does not match this service's key.");
  if (parsed.service !== expected.service) {
    return judge("IMPOSTOR", `It is the ${parsed.service} service, not ${expected.service}.`);
  }
  const stale = [
    ...(expected.version === undefined || expected.version === parsed.version
      ? []
      : [`It runs version ${parsed.version}, expected ${expected.version}.`]),
    ...(expected.build === undefined || expected.build === parsed.build
      ? []
      : [`It runs build ${parsed.build}, expected ${expected.build}.`]),
  ];
  if (stale.length > 0) return judge("STALE_VERSION", ...stale);
  return parsed.state === "OK" ? judge("OK") : judge("DEGRADED", ...parsed.reasons);
}

type Unsigned = Omit<IdentityAnswer, "mac">;

function fieldsOf(answer: Unsigned): readonly string[] {
  const { instance, service, version, build, arch, boot, started, state, reasons, nonce } = answer;
  return [instance, service, version, build, arch, boot, started, state, reasons.join(","), nonce];
}

function isCanonical(answer: Unsigned): boolean {
  return fieldsOf(answer).every((field) => !field.includes("\n")) && answer.reasons.every((r) => REASON.test(r));
}

function macOf(key: Buffer, answer: Unsigned): Buffer {
  return createHmac("sha256", key)
    .update(`${PROTOCOL}\n${fieldsOf(answer).join("\n")}`)
    .digest();
}

function isMacValid(key: Buffer, answer: IdentityAnswer): boolean {
  const given = Buffer.from(answer.mac, "hex");
  const wanted = macOf(key, answer);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

const TEXT_FIELDS = ["instance", "service", "version", "build", "arch", "boot", "started", "nonce", "mac"] as const;

function hasTextFields(value: object): value is Record<(typeof TEXT_FIELDS)[number], string> {
  return TEXT_FIELDS.every((name) => typeof Reflect.get(value, name) === "string");
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function parseIdentityAnswer(value: unknown): IdentityAnswer | null {
  if (typeof value !== "object" || value === null || !hasTextFields(value)) return null;
  const { instance, service, version, build, arch, boot, started, nonce, mac } = value;
  const state: unknown = Reflect.get(value, "state");
  const reasons: unknown = Reflect.get(value, "reasons");
  if ((state !== "OK" && state !== "DEGRADED") || !isTextList(reasons)) return null;
  const answer: IdentityAnswer = { instance, service, version, build, arch, boot, started, state, reasons, nonce, mac };
  return isCanonical(answer) && /^[0-9a-f]{64}$/.test(mac) ? answer : null;
}
