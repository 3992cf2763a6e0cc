/* Before anything is painted, so that no page that somebody wants dark is light at first. */
try {
  document.documentElement.dataset.theme = localStorage.getItem('onevault.dashboard.theme') ?? '';
} catch {
  document.documentElement.dataset.theme = ''; // a browser that lets no page keep anything
}
