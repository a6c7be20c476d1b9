// SPDX-License-Identifier: Apache-2.0

/**
 * Makes the server's pages: bundles `site/web` into `build/web`, with names that change with what is in a file, and a
 * compressed copy beside each. `--sizes` prints how large they are.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";
import { type IconOptions, iconPng } from "./icon.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const FROM = join(root, "site/web");
const TO = join(root, "build/web");
const COMPRESSED = /\.(js|css|html|svg|webmanifest|png)$/;

/** For home screens. */
const ICONS: Readonly<Record<string, IconOptions>> = {
	"icon-192.png": { size: 192, shape: "round" },
	"icon-512.png": { size: 512, shape: "round" },
	"icon-maskable-512.png": { size: 512, shape: "maskable" },
	"apple-touch-icon.png": { size: 180, shape: "full" },
};

const COMMON: BuildOptions = {
	absWorkingDir: FROM,
	bundle: true,
	format: "esm",
	target: "es2022",
	minify: true,
	sourcemap: false,
	legalComments: "none",
	logLevel: "warning",
};

/** Bundles. `places`: where each file of the source that a page names has gone to; `phone`: what the phone's page loads. */
async function bundle(): Promise<{ places: Map<string, string>; phone: string[] }> {
	const { metafile } = await build({
		...COMMON,
		entryPoints: { app: "main.tsx", phone: "phone/main.tsx", style: "style.css" },
		entryNames: "[name]-[hash]",
		chunkNames: "[name]-[hash]",
		jsx: "automatic",
		jsxImportSource: "preact",
		splitting: true,
		metafile: true,
		outdir: join(TO, "assets"),
	});
	const addressOf = (output: string): string => `/${relative(TO, join(FROM, output))}`;
	const outputs = Object.entries(metafile.outputs);
	const places = new Map<string, string>();
	for (const [output, { entryPoint }] of outputs)
		if (entryPoint !== undefined) places.set(entryPoint, addressOf(output));
	const phone = outputs.filter(
		([, { entryPoint }]) => entryPoint === "phone/main.tsx" || entryPoint === "style.css",
	);
	for (const [, { imports }] of phone)
		for (const { path } of imports)
			if (!phone.some(([output]) => output === path) && metafile.outputs[path] !== undefined)
				phone.push([path, metafile.outputs[path]]);
	return { places, phone: phone.map(([output]) => addressOf(output)) };
}

/** What a page refers to by its name in the source is where the build has put it. */
function page(name: string, places: ReadonlyMap<string, string>): void {
	const html = readFileSync(join(FROM, name), "utf8").replaceAll(/(src|href)="([^"]+)"/g, (_, what, to) => {
		const source = relative(FROM, join(FROM, name, "..", to));
		return `${what}="${places.get(source) ?? `/${source}`}"`;
	});
	writeFileSync(join(TO, name), html);
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
		entryPoints: { sw: "phone/worker.ts" },
		outdir: join(TO, "phone"),
		define: {
			FILES: JSON.stringify(files),
			VERSION: JSON.stringify(version.digest("hex").slice(0, 16)),
		},
	});
}

rmSync(TO, { recursive: true, force: true });
const { phone, places } = await bundle();
mkdirSync(join(TO, "phone"), { recursive: true });
for (const name of ["icon.svg", "phone/manifest.webmanifest"]) cpSync(join(FROM, name), join(TO, name));
for (const name of ["index.html", "phone/index.html"]) page(name, places);
for (const [name, options] of Object.entries(ICONS)) writeFileSync(join(TO, "phone", name), iconPng(options));
await worker(phone);
const sizes: [string, number, number][] = [];
for (const name of readdirSync(TO, { recursive: true, encoding: "utf8" }).filter((name) =>
	COMPRESSED.test(name),
)) {
	const bytes = readFileSync(join(TO, name));
	const compressed = gzipSync(bytes, { level: 9 });
	writeFileSync(join(TO, `${name}.gz`), compressed);
	sizes.push([name, bytes.length, compressed.length]);
}
if (process.argv.includes("--sizes")) for (const row of sizes) console.log(row.join("\t"));
