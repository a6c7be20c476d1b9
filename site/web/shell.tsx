// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { loadMe, may, me } from "./me.js";
import { Begin } from "./pages/begin.js";
import { Join } from "./pages/join.js";
import { HandedLink } from "./pages/user-invitations.js";
import { PAGES, type Page } from "./pages.js";
import { Confirmation } from "./parts/dialog.js";
import { Heading } from "./parts/heading.js";
import { Identity } from "./parts/identity.js";
import { Notices } from "./parts/notice.js";
import { path, pathname, secret } from "./router.js";
import { shellWords } from "./words/shell.js";
import { choose, LANGUAGES, type Language, language } from "./words.js";

/** The frame: who is signed in, the menu, and the page that the address names. */
export function Shell(): JSX.Element {
	const t = shellWords();
	return (
		<>
			<a class="skip" href="#main">
				{t.skip}
			</a>
			<header>
				<a class="brand" href="/">
					Lintel
				</a>
				<Languages />
				<Account />
			</header>
			{me.value && <Menu />}
			<main id="main" tabIndex={-1}>
				<Notices />
				<Place />
			</main>
			<HandedLink />
			<Confirmation />
			<Identity />
		</>
	);
}

/** The page, or what is in its place while nobody is signed in. */
function Place(): JSX.Element {
	const t = shellWords();
	const isLost = useSignal(false);
	const load = (): void => {
		isLost.value = false;
		loadMe().catch(() => {
			isLost.value = true;
		});
	};
	useEffect(load, []);
	if (isLost.value)
		return (
			<>
				<Heading title={t.unreachable} />
				<p>{t.unreachableText}</p>
				<button type="button" onClick={load}>
					{t.again}
				</button>
			</>
		);
	const [first = "", ...rest] = path.value;
	if (first === "join" && secret.value !== "") return <Join key={secret.value} secret={secret.value} />;
	if (first === "start" && secret.value !== "") return <Begin key={secret.value} secret={secret.value} />;
	if (me.value === null) return <p aria-busy="true">{t.loading}</p>;
	if (me.value === undefined) return <Begin secret="" />;
	const page = PAGES.find((one) => one.path === first);
	if (page === undefined) return <Message title={t.notFound} text={t.notFoundText} />;
	if (!may(page.role)) return <Message title={t.notAllowed} text={t.notAllowedText} />;
	return <page.component rest={rest} />;
}

function Message({ text, title }: { text: string; title: string }): JSX.Element {
	return (
		<>
			<Heading title={title} />
			<p>{text}</p>
		</>
	);
}

function Menu(): JSX.Element {
	const t = shellWords();
	const isOpen = useSignal(false);
	const at = pathname.value;
	useEffect(() => {
		isOpen.value = false;
	}, [at]);
	return (
		<nav aria-label={t.navigation}>
			<button
				type="button"
				class="menu"
				aria-expanded={isOpen.value}
				aria-controls="pages"
				onClick={() => {
					isOpen.value = !isOpen.value;
				}}
			>
				{t.menu}
			</button>
			<ul id="pages" class={isOpen.value ? "open" : undefined}>
				{PAGES.filter(({ isApart, role }) => !isApart && may(role)).map((page) => (
					<li key={page.path}>
						<PageLink page={page} />
					</li>
				))}
			</ul>
		</nav>
	);
}

function PageLink({ page }: { page: Page }): JSX.Element {
	const isHere = (path.value[0] ?? "") === page.path;
	return (
		<a href={`/${page.path}`} aria-current={isHere ? "page" : undefined}>
			{shellWords().pages[page.name]}
		</a>
	);
}

function Languages(): JSX.Element {
	return (
		<select
			class="languages"
			aria-label={shellWords().language}
			value={language.value}
			onChange={(event) => choose(event.currentTarget.value as Language)}
		>
			{Object.entries(LANGUAGES).map(([tag, name]) => (
				<option key={tag} value={tag} lang={tag}>
					{name}
				</option>
			))}
		</select>
	);
}

/** Who is signed in. */
function Account(): JSX.Element | null {
	const t = shellWords();
	if (!me.value) return null;
	return (
		<span class="account">
			<span class="unseen">{t.signedInAs} </span>
			<a href="/account">{me.value.name}</a>
		</span>
	);
}
