/** Session tokens as Directus signs them, for tests of what it does with old ones. */
import { createHmac } from "node:crypto";

/** As Directus signs them: it looks at the signature before it looks at the time. @param seconds from now until it ends */
export function signJwt(secret: string, user: string, role: string | null, seconds: number): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    id: user,
    role,
    app_access: false,
    admin_access: false,
    iat: now - 900,
    exp: now + seconds,
    iss: "directus",
  };
  const head = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
}
