// SPDX-License-Identifier: Apache-2.0

import type { IncomingMessage, Server } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import type { News } from "./page/messages.js";
import { SceneRun, type SceneRunOptions } from "./page/run.js";
import { decodeToScene, encodeNews } from "./page/wire.js";
import { ScriptError } from "./scene/act.js";

/** Bytes of a page's message at most: a script's. */
const MAX_MESSAGE = 32 * 1024;

export interface LiveOptions extends Omit<SceneRunOptions, "send"> {
	/** Its hardware goes on when no page is there. */
	readonly isReal?: boolean;
}

/** A scene of this process for the page that `server` serves, at `/scene`: to one page at a time, the newest. */
export function serveScene(server: Server, options: LiveOptions): SceneRun {
	let page: WebSocket | undefined;
	const send = (news: News): void => page?.send(encodeNews(news));
	const run = new SceneRun({ ...options, send });
	const sockets = new WebSocketServer({
		...{ server, path: "/scene", maxPayload: MAX_MESSAGE },
		verifyClient: ({ req }: { req: IncomingMessage }) => isOurs(req),
	});
	sockets.on("connection", (socket) => {
		page?.close(1000, "Another page has this world now.");
		page = socket;
		// A frame that is too long or broken ends the connection.
		socket.on("error", () => undefined);
		socket.on("message", (data) => {
			if (socket !== page) return;
			try {
				run.hear(decodeToScene(String(data)));
			} catch (error) {
				if (!(error instanceof ScriptError)) throw error;
				send({ refused: error.message });
			}
		});
		socket.on("close", () => {
			if (socket !== page) return;
			page = undefined;
			if (!options.isReal) run.stop();
		});
	});
	return run;
}

/** Of a page that this process served, not of one that a name of its own leads here. */
function isOurs({ headers: { host = "", origin } }: IncomingMessage): boolean {
	return origin === `http://${host}` && /^(127\.0\.0\.1|localhost):\d+$/.test(host);
}
