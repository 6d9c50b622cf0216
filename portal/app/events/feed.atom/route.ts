import { eventFeed } from "../../../data/feeds.ts";

export const dynamic = "force-dynamic";

export const GET = (request: Request): Promise<Response> => eventFeed(request, "atom");
