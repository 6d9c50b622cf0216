import { redacted } from "../host/run.ts";
import type { SecretName, SecretStore } from "../state/secrets.ts";

/** What looks like a credential although it is none of ours: tokens of callers, nonces, passwords in addresses. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\bBearer\s+[\w.~+/=-]+/gi, "Bearer [redacted]"],
  [/([?&](?:nonce|access_token|token|key)=)[^&\s"']+/gi, "$1[redacted]"],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:)[^\s@/]+@/gi, "$1[redacted]@"],
  [/("?\b(?:authorization|cookie|set-cookie|password)"?\s*[:=]\s*)"[^"]*"/gi, '$1"[redacted]"'],
];

export type Redact = (text: string) => string;

/** Takes every secret of the instance out of a text, in each form in which it may stand there, and what looks like another's. */
export function redactor(secrets: SecretStore): Redact {
  const values = secretForms(secrets).map(({ form }) => form);
  return (text) =>
    PATTERNS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), redacted(text, values));
}

/** Each secret as it is, and as programs write it: base64, base64url and percent-encoded. */
export function secretForms(secrets: SecretStore): readonly { readonly name: string; readonly form: string }[] {
  return secrets.names().flatMap((name) => {
    const value = secrets.read(name as SecretName).reveal();
    const bytes = Buffer.from(value);
    const forms = [value, bytes.toString("base64"), bytes.toString("base64url"), encodeURIComponent(value)];
    return [...new Set(forms)].filter((form) => form !== "").map((form) => ({ name, form }));
  });
}
