// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { Failure } from "../site/lib/files/failure.js";

/** The server's own dependencies, which an installation of `lintel` for work on readers does without. */
const MANIFEST = new URL("../../site/package.json", import.meta.url);

/** A module of the site's server, loaded when it is needed. Throws `Failure` where the server's packages are not there. */
export async function serverModule<T>(load: () => Promise<T>): Promise<T> {
	try {
		return await load();
	} catch (error) {
		if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_MODULE_NOT_FOUND") throw error;
		const [, missing] = /package '([^']+)'/.exec(error.message) ?? [];
		if (missing === undefined) throw error;
		const { dependencies } = JSON.parse(readFileSync(MANIFEST, "utf8")) as {
			dependencies: Record<string, string>;
		};
		const packages = Object.entries(dependencies).map(([name, version]) => `${name}@${version}`);
		throw new Failure(
			"input",
			"no-server-packages",
			`the server's packages are not installed (${missing} is missing)`,
			`In a checkout: \`npm ci\`. Beside an installed lintel, where it is installed: \`npm install ${packages.join(" ")}\`.`,
		);
	}
}
