"""Draws the figures of the sample issues. Run it after a change and commit the pictures:

    .venv/bin/python tools/draw_figures.py

Every number here is made up for illustration. The same numbers give the same pictures: the charts are SVG
text (tools/charts.py), set with the fonts of newsletter/_assets/fonts (laid by `make setup`), no others
when those are there, and reduced to 64 colours so that none is heavier than 120 KB.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from pathlib import Path

import charts
import resvg_py
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "newsletter" / "_assets" / "fonts"
HEAVIEST = 120 * 1024

RESEARCH = "issues/2026-10-zh/01-research/figures"
INDUSTRY = "issues/2026-10-zh/02-industry/figures"
ENGLISH = "issues/2026-11-en"
FIRST = "templates/publication"


def chinese_figures() -> Mapping[str, str]:
    return {
        f"{RESEARCH}/car-t-routes.png": charts.flow(
            (
                (
                    "自体 CAR-T",
                    (
                        ("单采", "患者本人"),
                        ("改造", "病毒载体"),
                        ("扩增", "9–14 天"),
                        ("回输", "一人一批"),
                    ),
                ),
                (
                    "通用型 CAR-T",
                    (
                        ("供体", "健康人或 iPSC"),
                        ("编辑", "敲除 TCR"),
                        ("冻存", "≤ −130 ℃"),
                        ("取用", "一批多人"),
                    ),
                ),
            )
        ),
        f"{RESEARCH}/car-t-trials.png": charts.bars(
            ("2020", "2021", "2022", "2023", "2024", "2025"),
            (("自体", (62, 71, 84, 90, 96, 101)), ("通用型", (8, 13, 21, 30, 41, 55))),
            top=120,
            step=30,
            unit="新登记试验数（示意）",
        ),
        f"{RESEARCH}/car-t-expansion.png": charts.lines(
            ("第 3 天", "第 7 天", "第 14 天", "第 21 天", "第 28 天", "第 60 天"),
            (("自体", (6, 38, 82, 74, 61, 40)), ("通用型", (9, 56, 70, 38, 17, 4))),
            top=100,
            step=25,
            unit="体内拷贝数（示意，相对值）",
        ),
        f"{RESEARCH}/car-t-cost.png": charts.level_bars(
            (
                ("原材料与载体", (34, 12)),
                ("厂房与设备折旧", (22, 9)),
                ("质量检验", (27, 8)),
                ("冷链与调度", (11, 7)),
            ),
            ("自体", "通用型"),
            "万元 / 例（示意）",
        ),
        f"{RESEARCH}/liver-chip.png": charts.layers(
            (
                ("上通道：培养液", "供给养分，带走代谢物"),
                ("肝细胞层", "合成白蛋白，代谢药物"),
                ("多孔膜", "孔径约 7 μm，可通信号"),
                ("内皮与免疫细胞", "α 与 β 两类信号在此汇合"),
                ("下通道：模拟血流", "剪切力 ≤ 0.05 Pa"),
            )
        ),
        f"{RESEARCH}/liver-albumin.png": charts.lines(
            ("第 1 天", "第 7 天", "第 14 天", "第 21 天", "第 28 天"),
            (("芯片", (38, 52, 55, 53, 51)), ("平板培养", (40, 31, 18, 9, 5))),
            top=60,
            step=15,
            unit="白蛋白，μg /（百万细胞·天），示意",
        ),
        f"{RESEARCH}/phage-history.png": charts.timeline(
            (
                ("1915", ("特沃特报告细菌菌落“透明化”现象",)),
                ("1917", ("德雷勒命名噬菌体",)),
                ("1940 年代", ("抗生素普及，西方研究转入低谷", "东欧少数机构继续临床使用")),
                ("2016", ("工程改造与个体化用药重新受到关注", "耐药菌感染的同情用药增多")),
                ("2026", ("本刊追踪的示例试验进入第二期",)),
            )
        ),
        f"{INDUSTRY}/adc-capacity.png": charts.bars(
            ("2022", "2023", "2024", "2025", "2026"),
            (
                ("偶联", (6, 9, 14, 20, 27)),
                ("高活毒素", (3, 4, 6, 8, 12)),
                ("灌装", (4, 6, 8, 11, 14)),
            ),
            top=60,
            step=15,
            unit="条产线（示意）",
            stacked=True,
        ),
        f"{INDUSTRY}/adc-dar.png": charts.bars(
            ("DAR 0", "DAR 2", "DAR 4", "DAR 6", "DAR 8"),
            (("随机偶联", (6, 22, 38, 24, 10)), ("定点偶联", (1, 4, 91, 3, 1))),
            top=100,
            step=25,
            unit="占比，%（示意）",
            values=True,
        ),
        f"{INDUSTRY}/cold-steps.png": charts.flow(
            (
                (
                    "一支注射液的路",
                    (
                        ("工厂", "2–8 ℃"),
                        ("干线", "≤ 36 小时"),
                        ("分仓", "2–8 ℃"),
                        ("门诊", "≤ 25 ℃"),
                    ),
                ),
            )
        ),
        f"{INDUSTRY}/cold-excursion.png": charts.lines(
            ("0 h", "6 h", "12 h", "18 h", "24 h", "30 h", "36 h"),
            (("箱内", (4.6, 5.1, 5.4, 9.8, 7.6, 5.9, 5.2)), ("箱外", (21, 24, 29, 32, 27, 23, 20))),
            top=36,
            step=6,
            unit="℃（示意）",
            band=(2, 8, "允许范围 2–8 ℃"),
        ),
        f"{INDUSTRY}/lab-hours.png": charts.level_bars(
            (
                ("配液与分装", (14, 3)),
                ("换液与传代", (18, 5)),
                ("记录与核对", (11, 4)),
                ("设计与分析", (9, 22)),
            ),
            ("改造前", "改造后"),
            "小时 / 周（示意）",
        ),
        f"{INDUSTRY}/rare-regions.png": charts.tiles(
            (
                (("", 0), ("北部", 41), ("东北", 28), ("", 0)),
                (("西北", 17), ("中部", 63), ("东部", 96), ("", 0)),
                (("", 0), ("西南", 35), ("南部", 72), ("海岛", 9)),
            ),
            "登记患者数（示意）",
        ),
    }


def english_figures() -> Mapping[str, str]:
    return {
        f"{ENGLISH}/02-features/figures/river-nitrate.png": charts.lines(
            ("Jan", "Mar", "May", "Jul", "Sep", "Nov"),
            (
                ("Upstream", (4.1, 3.8, 3.2, 2.6, 2.9, 3.9)),
                ("Outfall", (9.2, 8.8, 7.1, 6.4, 6.9, 8.3)),
            ),
            top=12,
            step=3,
            unit="nitrate, mg/L (illustrative)",
            band=(0, 5, "target: 5 or less"),
        ),
        f"{ENGLISH}/02-features/figures/sensor-uptime.png": charts.bars(
            ("Alder", "Birch", "Hazel", "Rowan", "Willow"),
            (("2025", (71, 84, 66, 90, 78)), ("2026", (93, 95, 88, 97, 94))),
            top=100,
            step=25,
            unit="uptime, % (illustrative)",
        ),
        f"{FIRST}/en/issues/first-issue/01-news/figures/example.png": charts.bars(
            ("Mon", "Tue", "Wed", "Thu", "Fri"),
            (("visitors", (12, 18, 9, 22, 31)),),
            top=40,
            step=10,
            unit="visitors (illustrative)",
            values=True,
        ),
        f"{FIRST}/zh/issues/first-issue/01-news/figures/example.png": charts.bars(
            ("周一", "周二", "周三", "周四", "周五"),
            (("访客", (12, 18, 9, 22, 31)),),
            top=40,
            step=10,
            unit="访客数（示意）",
            values=True,
        ),
    }


def leaf() -> str:
    """A small sign without a meaning, for a decorative picture."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="40" height="40">'
        f'<rect width="40" height="40" fill="{charts.PAPER}"/>'
        f'<path d="M6 34 C 4 14, 16 5, 35 5 C 36 24, 26 36, 6 34 Z" fill="{charts.PALE}"/>'
        f'<path d="M6 34 L 26 14" stroke="{charts.ACCENT}" stroke-width="2"/></svg>'
    )


def _fonts() -> list[Path]:
    """Han and Latin alone, in an order of their own: which face draws a letter must not depend on the folder."""
    return [
        path
        for name in ("noto-sans-sc", "noto-sans")
        for path in sorted(FONTS.glob(f"{name}-?00-normal.ttf"))
    ]


def picture(svg: str, width: int = 1600) -> bytes:
    """The SVG as a PNG of `width` pixels in at most 64 colours."""
    own = FONTS.is_dir()
    drawn = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        skip_system_fonts=own,
        font_files=[str(path) for path in _fonts()] if own else None,
        sans_serif_family="Noto Sans SC" if own else "Noto Sans CJK SC",
    )
    with Image.open(io.BytesIO(bytes(drawn))) as full:
        reduced = full.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    out = io.BytesIO()
    reduced.save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> int:
    pictures = {
        name: picture(svg) for name, svg in {**chinese_figures(), **english_figures()}.items()
    }
    pictures[f"{ENGLISH}/02-features/figures/leaf.png"] = picture(leaf(), width=160)
    for name, data in pictures.items():
        if len(data) > HEAVIEST:
            print(f"{name}: {len(data):,} bytes, more than {HEAVIEST:,}", file=sys.stderr)
            return 1
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        print(f"{name}: {len(data):,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
