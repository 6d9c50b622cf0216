import type { Request } from "../directus-api.ts";
import { refusalOf } from "../muster-refusal.ts";

/** 256 KiB: ten times the longest evidence that a verb takes. Directus itself would read 1 MiB, and answer 400 beyond. */
export const BODY_LIMIT = 256 * 1024;

/** The JSON body, read up to the limit. Rejects with MUSTER_BODY_TOO_LARGE, MUSTER_BODY_INVALID, or a SyntaxError for what is no JSON. */
export async function readBody(req: Request): Promise<unknown> {
  const { "content-length": length, "content-type": type = "", "content-encoding": encoding } = req.headers;
  if (Number(length ?? 0) > BODY_LIMIT) throw refusalOf("MUSTER_BODY_TOO_LARGE");
  if (length === "0") return {};
  if (encoding !== undefined && encoding !== "identity") throw refusalOf("MUSTER_BODY_INVALID");
  // A form of a foreign page could send text/plain without asking first.
  if (!/^application\/json\s*(;|$)/i.test(type)) throw refusalOf("MUSTER_BODY_INVALID");
  return JSON.parse(await collect(req));
}

/** The rest of a body that is too large is read and dropped: closing the connection instead would hide the answer from its sender. */
function collect(req: Request): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT) chunks.push(chunk);
      else reject(refusalOf("MUSTER_BODY_TOO_LARGE"));
    });
    req.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    req.on("error", reject);
  });
}
