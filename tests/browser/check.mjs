// Open the notes and the site in headless Chromium and look for faults:
//
//     node check.mjs NOTES SITE OUT
//
// A page may ask nothing of the network and put no error on the console; axe-core may find nothing serious or critical
// in it, by day or in the dark; text in a drawing, where axe does not look, must stand out as other text must; and at the
// width of a telephone the page may not scroll sideways. Notes are also printed: a PDF and screenshots of each go to OUT, of
// the first screen too.

import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };
const AT_ONCE = 2;
const LOCAL = /^(file|data|blob|about):/;
// Of the API's pages, which one template makes, these kinds stand for the rest.
const SAMPLE = ["hecon.icer.html", "hecon.dossier.Dossier.html", "hecon.InputError.html"];

// Faults of the site's theme that a style sheet of ours cannot mend, as rule: why.
const THEME = {};

/** Say which elements of drawings have text that stands out too little; runs in the page. */
function faintDrawings() {
  const numbers = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v <= 10.31 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const [r, g, b, a = 1] = numbers(getComputedStyle(each).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  };
  const faint = new Set();
  for (const text of document.querySelectorAll("svg text")) {
    const style = getComputedStyle(text);
    const ground = behind(text);
    const [r, g, b, a = 1] = numbers(style.fill);
    let alpha = a * Number(style.fillOpacity);
    for (let each = text; each; each = each.parentElement) alpha *= Number(getComputedStyle(each).opacity);
    const seen = [r, g, b].map((v, i) => alpha * v + (1 - alpha) * ground[i]);
    const [dark, light] = [luminance(seen), luminance(ground)].sort((x, y) => x - y);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) faint.add(`${style.fill} at ${ratio.toFixed(1)}:1, such as "${text.textContent.trim().slice(0, 30)}"`);
  }
  return [...faint];
}

/** Say what is wrong with one page, as a set of lines. */
async function faultsOf(browser, file, { ignore = [], shots, pdf }) {
  const faults = new Set();
  const context = await browser.newContext({ viewport: WIDE, colorScheme: "light", reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.route("**/*", (route) => {
    const url = route.request().url();
    if (LOCAL.test(url)) return route.continue();
    faults.add(`request: ${url}`);
    return route.abort();
  });
  page.on("websocket", (socket) => faults.add(`request: ${socket.url()}`));
  page.on("requestfailed", (request) => LOCAL.test(request.url()) && faults.add(`missing: ${request.url()}`));
  page.on("console", (said) => said.type() === "error" && faults.add(`console: ${said.text()}`));
  page.on("pageerror", (error) => faults.add(`script: ${error.message}`));
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  if (shots) {
    for (const [size, end] of [[NARROW, "-narrow"], [WIDE, ""]]) {
      await page.setViewportSize(size);
      await page.screenshot({ path: `${shots}-first${end}.png` });
      const bottom = await page.evaluate(() => document.querySelector("p.strong")?.getBoundingClientRect().bottom);
      if (bottom > size.height) faults.add(`answer: it ends ${Math.round(bottom)} pixels down a screen of ${size.height}`);
    }
  }
  // What is folded must be sound as well.
  await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
  await page.evaluate(AXE);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(50);
    const options = { runOnly: TAGS, resultTypes: ["violations"], preload: false };
    const { violations } = await page.evaluate((chosen) => window.axe.run(document, chosen), options);
    for (const { id, impact, nodes, help } of violations) {
      if (!["serious", "critical"].includes(impact) || ignore.includes(id)) continue;
      const [{ target, any }] = nodes;
      const { fgColor, bgColor, contrastRatio } = any[0]?.data ?? {};
      const colours = fgColor ? `, ${fgColor} on ${bgColor} is ${contrastRatio}:1` : "";
      faults.add(`axe, ${colorScheme}: ${id} (${impact}, ${nodes.length} times): ${help}: ${target}${colours}`);
    }
    for (const text of await page.evaluate(faintDrawings)) faults.add(`drawing, ${colorScheme}: ${text}`);
    if (shots) await page.screenshot({ path: `${shots}-${colorScheme}.png`, fullPage: true });
  }
  await page.emulateMedia({ colorScheme: "light" });
  if (pdf) {
    const printed = await page.pdf({ path: pdf, format: "A4", preferCSSPageSize: true });
    const pages = printed.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length;
    if (file.includes(".brief.") && pages !== 1) faults.add(`print: ${pages} pages for a note of one`);
  }
  await page.setViewportSize(NARROW);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wider > 0) faults.add(`narrow: ${wider} pixels too wide for ${NARROW.width}`);
  if (shots) await page.screenshot({ path: `${shots}-narrow.png`, fullPage: true });
  await context.close();
  return faults;
}

/** Say which kinds of fault the check overlooks in a page that has them all. */
async function overlooked(browser) {
  const found = [...(await faultsOf(browser, path.join(HERE, "faulty.html"), {}))].join("\n");
  const axe = ["axe, light: image-alt", "axe, light: html-has-lang", "axe, dark: color-contrast"];
  const kinds = ["request:", "console:", "script:", "narrow:", "drawing, light:", ...axe];
  return kinds.filter((kind) => !found.includes(kind));
}

function htmlIn(folder, { all = false } = {}) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: all }).filter((name) => name.endsWith(".html"));
  return files.sort().map((name) => path.join(folder, name));
}

function pagesOf(site) {
  const all = htmlIn(site, { all: true });
  return all.filter((file) => !file.includes(`${path.sep}generated${path.sep}`) || SAMPLE.includes(path.basename(file)));
}

function refuse(message) {
  console.error(message);
  process.exit(2);
}

const [notes, site, out] = process.argv.slice(2);
if (!out) refuse("Usage: node check.mjs NOTES SITE OUT");
const executablePath = [process.env.CHROMIUM, ...BROWSERS].find((each) => each && existsSync(each));
if (!executablePath) refuse("There is no Chromium here: install it (Debian: apt-get install chromium), or name it in CHROMIUM.");
const noteFiles = htmlIn(notes);
const siteFiles = pagesOf(site);
if (!noteFiles.length) refuse(`There are no notes in ${notes}: make assess`);
if (!siteFiles.length) refuse(`There is no site in ${site}: make docs`);
mkdirSync(out, { recursive: true });

const start = () => chromium.launch({ executablePath, args: FLAGS });
const first = await start();
const blind = await overlooked(first);
await first.close();
if (blind.length) refuse(`The check no longer finds these faults in faulty.html: ${blind.join("; ")}`);
const jobs = [
  ...noteFiles.map((file) => {
    const stem = path.join(out, path.basename(file, ".html"));
    return { file, name: path.basename(file), shots: stem, pdf: `${stem}.pdf` };
  }),
  ...siteFiles.map((file) => ({ file, name: path.relative(site, file), ignore: Object.keys(THEME) })),
];
const found = new Map();
const queue = jobs.entries();
const work = async () => {
  let browser = await start();
  for (const [at, { file, name, ...options }] of queue) {
    try {
      found.set(at, await faultsOf(browser, file, options));
    } catch (error) {
      if (!/has been closed|crashed/.test(error.message)) throw error;
      console.error(`Chromium itself ended while it had ${name} open: once more with a new one.`);
      await browser.close();
      browser = await start();
      found.set(at, await faultsOf(browser, file, options));
    }
  }
  await browser.close();
};
await Promise.all(Array.from({ length: AT_ONCE }, work));
let count = 0;
for (const [at, { name }] of jobs.entries()) {
  for (const fault of found.get(at)) console.log(`${name}: ${fault}`);
  count += found.get(at).size;
}
console.log(`${noteFiles.length} notes and ${siteFiles.length} pages of the site, ${count} faults; prints and screenshots in ${out}`);
process.exit(count ? 1 : 0);
