"use strict";
// The page reads without this. It lets curves and intervals answer to the pointer, and marks in
// the navigation where the reader is. If anything fails, the drawn figure stays.
(() => {
  const enliven = async (chart) => {
    const spec = JSON.parse(document.getElementById(chart.dataset.live).textContent);
    const view = document.createElement("div");
    view.className = "view";
    view.hidden = true;
    chart.append(view);
    try {
      // `ast` interprets expressions instead of compiling them: no eval, as the policy demands.
      await vegaEmbed(view, spec, { actions: false, renderer: "svg", ast: true, defaultStyle: false,
        tooltip: { theme: "custom", disableDefaultStyle: true } });
      const svg = view.querySelector("svg");
      svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
      svg.removeAttribute("width");
      svg.removeAttribute("height");
      svg.setAttribute("aria-hidden", "true");
      const still = chart.querySelector(".still");
      view.setAttribute("role", "img");
      view.setAttribute("aria-label", still.getAttribute("aria-label"));
      view.hidden = false;
      still.hidden = true;
    } catch (fault) {
      view.remove();
      console.warn("figure stays still:", fault);
    }
  };
  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) { near.unobserve(target); enliven(target); }
    }
  }, { rootMargin: "300px" });
  document.querySelectorAll(".chart.live").forEach((chart) => near.observe(chart));

  const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
  const here = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      links.forEach((a) => a.removeAttribute("aria-current"));
      links.get(target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-15% 0px -75% 0px" });
  document.querySelectorAll("main section").forEach((section) => here.observe(section));
})();
