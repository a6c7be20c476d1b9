// SPDX-License-Identifier: Apache-2.0

/**
 * Makes the server's pages: bundles `site/web` into `build/web`, with names that change with what is in a file, and a
 * compressed copy beside each. `--sizes` prints how large they are.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { type Bundle, bundle, COMMON, compress, ROOT, writePage } from "./bundle.js";
import { type IconOptions, iconPng } from "./icon.js";

const FROM = join(ROOT, "site/web");
const TO = join(ROOT, "build/web");

/** For home screens. */
const ICONS: Readonly<Record<string, IconOptions>> = {
	"icon-192.png": { size: 192, shape: "round" },
	"icon-512.png": { size: 512, shape: "round" },
	"icon-maskable-512.png": { size: 512, shape: "maskable" },
	"apple-touch-icon.png": { size: 180, shape: "full" },
};

/** What the phone's page loads. */
function phoneAssets({ addressOf, outputs }: Bundle): string[] {
	const phone = Object.entries(outputs).filter(
		([, { entryPoint }]) => entryPoint === "phone/main.tsx" || entryPoint === "style.css",
	);
	for (const [, { imports }] of phone)
		for (const { path } of imports)
			if (!phone.some(([output]) => output === path) && outputs[path] !== undefined)
				phone.push([path, outputs[path]]);
	return phone.map(([output]) => `/${addressOf(output)}`);
}

/** The service worker has one name, by which browsers look for a newer one. */
async function worker(assets: readonly string[]): Promise<void> {
	const files = ["/phone/", "/phone/manifest.webmanifest", "/icon.svg", ...assets];
	const version = createHash("sha256");
	for (const file of ["phone/index.html", "phone/manifest.webmanifest", "icon.svg"])
		version.update(readFileSync(join(TO, file)));
	version.update(files.join());
	await build({
		...COMMON,
		absWorkingDir: FROM,
		entryPoints: { sw: "phone/worker.ts" },
		outdir: join(TO, "phone"),
		define: {
			FILES: JSON.stringify(files),
			VERSION: JSON.stringify(version.digest("hex").slice(0, 16)),
		},
	});
}

rmSync(TO, { recursive: true, force: true });
const made = await bundle(FROM, TO, { app: "main.tsx", phone: "phone/main.tsx", style: "style.css" });
mkdirSync(join(TO, "phone"), { recursive: true });
for (const name of ["icon.svg", "phone/manifest.webmanifest"]) cpSync(join(FROM, name), join(TO, name));
for (const name of ["index.html", "phone/index.html"]) writePage(FROM, TO, name, made.places, "/");
for (const [name, options] of Object.entries(ICONS)) writeFileSync(join(TO, "phone", name), iconPng(options));
await worker(phoneAssets(made));
compress(TO);
