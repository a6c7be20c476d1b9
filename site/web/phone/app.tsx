// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Confirmation } from "../parts/dialog.js";
import { Notices } from "../parts/notice.js";
import { path, pathname } from "../router.js";
import { phoneWords } from "../words/phone.js";
import { choose, LANGUAGES, type Language, language } from "../words.js";
import { AcceptPage } from "./accept-page.js";
import { AddPage } from "./add-page.js";
import { CodePage } from "./code-page.js";
import { holding } from "./held.js";
import { HelpPage } from "./help-page.js";
import { KeysPage } from "./keys-page.js";
import { LendPage } from "./lend-page.js";
import { linkOf } from "./link.js";
import { MovePage } from "./move-page.js";

/** The frame of the phone's page, and the page that the address names. */
export function App(): JSX.Element {
	const t = phoneWords();
	return (
		<>
			<a class="skip" href="#main">
				{t.skip}
			</a>
			<header>
				<a class="brand" href="/phone/">
					Lintel
				</a>
				<select
					class="languages"
					aria-label={t.language}
					value={language.value}
					onChange={(event) => choose(event.currentTarget.value as Language)}
				>
					{Object.entries(LANGUAGES).map(([tag, name]) => (
						<option key={tag} value={tag} lang={tag}>
							{name}
						</option>
					))}
				</select>
			</header>
			<nav class="links" aria-label={t.pages}>
				<ul>
					<NavLink to="/phone/" text={t.keys} />
					<NavLink to="/phone/add" text={t.add} />
					<NavLink to="/phone/help" text={t.help} />
				</ul>
			</nav>
			<main id="main" tabIndex={-1}>
				<Notices />
				<Place />
			</main>
			<Confirmation />
		</>
	);
}

function NavLink({ text, to }: { text: string; to: string }): JSX.Element {
	return (
		<li>
			<a href={to} aria-current={pathname.value === to ? "page" : undefined}>
				{text}
			</a>
		</li>
	);
}

function Place(): JSX.Element {
	useFocusOnHeading();
	if (holding.value === undefined) return <p aria-busy="true">{phoneWords().loading}</p>;
	const [area, page, id] = path.value;
	const link = area === "i" ? linkOf(location.origin + pathname.value) : undefined;
	if (link !== undefined) return <AcceptPage key={link.hash} link={link} />;
	const one = holding.value.find((held) => held.id === id);
	if (page === "code" && one?.code !== undefined) return <CodePage key={id} one={one} />;
	if (page === "lend" && one?.told.lend !== undefined) return <LendPage key={id} one={one} />;
	if (page === "move" && one !== undefined) return <MovePage key={id} one={one} />;
	if (page === "add") return <AddPage />;
	if (page === "help") return <HelpPage />;
	return <KeysPage />;
}

/** After another page has come the focus is at its heading. */
function useFocusOnHeading(): void {
	const isFirst = useRef(true);
	const at = pathname.value;
	useEffect(() => {
		if (isFirst.current) {
			isFirst.current = false;
			return;
		}
		scrollTo(0, 0);
		document.querySelector<HTMLElement>("main h1")?.focus();
	}, [at]);
}
