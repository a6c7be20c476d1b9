// SPDX-License-Identifier: Apache-2.0

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { encoded, PAGE_HEADERS, webFiles } from "../site/server/web-files.js";

const FOLDER = fileURLToPath(new URL("../page", import.meta.url));
const HOST = "127.0.0.1";

/** Serves the simulator's page to this computer alone. Port 0: any. */
export async function servePage(port: number): Promise<{ server: Server; address: string }> {
	const files = webFiles(FOLDER);
	const server = createServer((request: IncomingMessage, response: ServerResponse) => {
		const path = (request.url ?? "/").replace(/[?#].*$/s, "");
		const file = files.get(path === "/" ? "/index.html" : path);
		if (file === undefined || (request.method !== "GET" && request.method !== "HEAD")) {
			response.writeHead(404).end();
			return;
		}
		const { body, headers } = encoded(file, request.headers);
		response
			.writeHead(200, {
				...PAGE_HEADERS,
				...headers,
				"cache-control": "no-cache",
				"content-type": file.type,
				"content-length": body.length,
			})
			.end(request.method === "HEAD" ? undefined : body);
	});
	await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, HOST, resolve));
	return { server, address: `http://${HOST}:${(server.address() as AddressInfo).port}/` };
}
