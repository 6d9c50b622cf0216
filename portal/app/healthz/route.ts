export const dynamic = "force-dynamic";

/** The process answers; nothing more. Whether the board can be read is in the identity. */
export function GET(): Response {
  return new Response("ok\n", {
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
  });
}
